export default function OpenFiles() { return <h1>OpenFiles</h1>; }
