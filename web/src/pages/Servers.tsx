export default function Servers() { return <h1>Servers</h1>; }
