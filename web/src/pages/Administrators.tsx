export default function Administrators() { return <h1>Administrators</h1>; }
