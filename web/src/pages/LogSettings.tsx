export default function LogSettings() { return <h1>LogSettings</h1>; }
