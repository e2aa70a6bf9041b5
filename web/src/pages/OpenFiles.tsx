import { Button } from "@fluentui/react-components";
import { useCallback, useState } from "react";
import { call } from "../api/client";
import type { OpenFile, OpenFiles as List } from "../api/types";
import { useGet, useStream } from "../api/use";
import { Ask } from "../parts/Ask";
import { Grid, type Column } from "../parts/Grid";
import { Refused } from "../parts/Refused";
import { printable } from "../parts/text";
import { useMay } from "../shell/context";

/** OpenFiles are the files that sessions have open. */
export default function OpenFiles() {
  const { data, error, reload } = useGet<List>("openfiles");
  const [closing, setClosing] = useState<OpenFile>();
  const may = useMay();
  // The stream tells when a session comes, goes, opens or closes something.
  useStream("sessions/stream", useCallback(() => reload(), [reload]));
  const columns: Column<OpenFile>[] = [
    { name: "Share", value: (f) => f.ShareName, filter: true },
    { name: "Path in the share", value: (f) => f.ShareRelativePath || "\\", width: 240 },
    { name: "User", value: (f) => f.ClientUserName, filter: true },
    { name: "Client", value: (f) => f.ClientComputerName, width: 160 },
    { name: "Access", value: (f) => "0x" + f.Permissions.toString(16).padStart(8, "0"), width: 110 },
    { name: "Path on the server", value: (f) => f.Path, width: 260 },
    {
      name: "Actions",
      hands: true,
      value: () => "",
      width: 90,
      show: (f) => (
        <Button size="small" disabled={!may.operate} aria-label={`Close ${printable(f.ShareRelativePath || f.ShareName)}`} onClick={() => setClosing(f)}>
          Close
        </Button>
      ),
    },
  ];
  return (
    <>
      <h1>Open files</h1>
      <p className="intro">Files and folders that sessions have open.</p>
      <Refused error={error} />
      <Grid name="Open files" columns={columns} rows={data?.OpenFiles} id={(f) => f.FileId} empty="Nothing is open." tools={<Button onClick={reload}>Refresh</Button>} />
      {closing && (
        <Ask
          title="Close this file?"
          verb="Close the file"
          act={() => call("DELETE", `openfiles/${closing.FileId}`)}
          close={() => {
            setClosing(undefined);
            reload();
          }}
        >
          <p>{printable(`${closing.ClientUserName} has ${closing.ShareName}\\${closing.ShareRelativePath} open. What is not written yet is lost.`)}</p>
        </Ask>
      )}
    </>
  );
}
