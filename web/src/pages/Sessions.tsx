import { Button } from "@fluentui/react-components";
import { useCallback, useState } from "react";
import { call } from "../api/client";
import type { Session, Sessions as List } from "../api/types";
import { useStream } from "../api/use";
import { Ask } from "../parts/Ask";
import { Grid, type Column } from "../parts/Grid";
import { duration, printable } from "../parts/text";
import { useMay } from "../shell/context";

const protection = (s: Session) => (s.Encrypted ? `Encrypted (${s.Cipher})` : s.Signed ? `Signed (${s.SigningAlgorithm})` : "Neither");

/** Sessions are who is signed in now. */
export default function Sessions() {
  const [rows, setRows] = useState<Session[]>();
  const [closing, setClosing] = useState<Session>();
  const may = useMay();
  const live = useStream(
    "sessions/stream",
    useCallback((data: string) => setRows((JSON.parse(data) as List).Sessions), []),
  );
  const columns: Column<Session>[] = [
    { name: "Client", value: (s) => s.ClientComputerName, width: 160 },
    { name: "User", value: (s) => s.ClientUserName, width: 120 },
    { name: "Dialect", value: (s) => s.Dialect, width: 90, filter: true },
    { name: "Protection", value: protection, show: (s) => (protection(s) === "Neither" ? <strong className="bad">Neither</strong> : printable(protection(s))), width: 190, filter: true },
    { name: "Required by", value: (s) => s.SigningRequiredBy || "nobody", width: 120, filter: true },
    { name: "Open files", value: (s) => s.NumOpens, width: 100 },
    { name: "Connections", value: (s) => s.NumChannels, width: 110 },
    { name: "Exists for", value: (s) => s.SecondsExists, show: (s) => duration(s.SecondsExists), width: 100 },
    { name: "Idle for", value: (s) => s.SecondsIdle, show: (s) => duration(s.SecondsIdle), width: 90 },
    { name: "Session", value: (s) => s.SessionId, width: 180 },
    {
      name: "Actions",
      hands: true,
      value: () => "",
      width: 90,
      show: (s) => (
        <Button size="small" disabled={!may.operate} aria-label={`Close the session of ${printable(s.ClientUserName)}`} onClick={() => setClosing(s)}>
          Close
        </Button>
      ),
    },
  ];
  return (
    <>
      <h1>Sessions</h1>
      <p className="intro">Who is signed in to the SMB server{live ? ", as it is now." : ". Waiting for news."}</p>
      <Grid name="Sessions" columns={columns} rows={rows} id={(s) => s.SessionId} empty="Nobody is signed in." />
      {closing && (
        <Ask title="Close this session?" verb="Close the session" act={() => call("DELETE", `sessions/${closing.SessionId}`)} close={() => setClosing(undefined)}>
          <p>
            {printable(closing.ClientUserName)} from {printable(closing.ClientComputerName)} loses {closing.NumOpens} open files, and may sign in again.
          </p>
        </Ask>
      )}
    </>
  );
}
