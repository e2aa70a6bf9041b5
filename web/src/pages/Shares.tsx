export default function Shares() { return <h1>Shares</h1>; }
