export default function ClientSettings() { return <h1>ClientSettings</h1>; }
