import { Button, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useState } from "react";
import { ApiError, call, get } from "../api/client";
import type { EventList, PropertyList, Verdict } from "../api/types";
import { Refused } from "../parts/Refused";
import { Copy } from "../parts/Save";
import { csv, download, printable } from "../parts/text";
import { useMay } from "../shell/context";
import { onLink } from "../shell/route";

/** LogSettings is what becomes of the log, and what can be taken along. */
export default function LogSettings() {
  const may = useMay();
  const [verdict, setVerdict] = useState<Verdict>();
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState("");
  const run = (what: string, act: () => Promise<void>) => {
    setBusy(what);
    setError(undefined);
    void act()
      .catch((e: ApiError) => setError(e))
      .finally(() => setBusy(""));
  };
  const exportEvents = async () => {
    const rows = [["Sequence", "Time", "LastTime", "Count", "Level", "Channel", "Id", "Name", "Client", "ClientName", "User", "Domain", "Share", "Object", "Property", "Old", "New", "Command", "Status", "Reason", "Hash"]];
    const head = rows[0] ?? [];
    for (let after = 0; ; ) {
      const page = await get<EventList>(`events?after=${after}`);
      for (const e of page.Events) rows.push(head.map((name) => String((e as unknown as { [name: string]: unknown })[name] ?? "")));
      after = page.Through;
      if (!page.More) break;
    }
    download("events.csv", csv(rows));
  };
  const exportConfig = async () => {
    const list = await get<PropertyList>("config");
    download("configuration.csv", csv([["Side", "Name", "Value", "Layer", "Source", "State", "TakesEffect"], ...list.Properties.map((p) => [p.Side, p.Name, p.Value, p.Layer, p.Source, p.State, p.TakesEffect])]));
  };
  return (
    <>
      <h1>Log and export</h1>
      <p className="intro">
        The log of events is part of the server and cannot be turned off. What is audited besides refusals is set under{" "}
        <a href="/settings/file-shares" onClick={onLink}>
          File shares
        </a>
        .
      </p>
      <Refused error={error} />
      <section className="setting" aria-labelledby="proof">
        <h2 id="proof">Proof</h2>
        <p className="help">Each record bears a hash over the one before it. A log that is anchored outside shows even if somebody has cut its end off, or made all of it anew.</p>
        <div>
          <Button
            disabled={!may.operate || busy !== ""}
            onClick={() =>
              run("verify", async () => {
                setVerdict(await call<Verdict>("POST", "events/verify", { Anchors: [] }));
              })
            }
          >
            Verify the log
          </Button>
        </div>
        {verdict && (
          <MessageBar intent={verdict.Problems.length > 0 ? "error" : "info"} layout="multiline" role="status">
            <MessageBarBody>
              {verdict.Problems.length > 0
                ? verdict.Problems.map((p) => `Record ${p.Sequence}: ${p.What}, ${printable(p.Text)}`).join("; ")
                : `Records ${verdict.First} to ${verdict.Last}: internally consistent, ${verdict.Anchored > 0 ? `anchored up to ${verdict.Anchored}` : "not anchored"}.`}
            </MessageBarBody>
          </MessageBar>
        )}
        <Copy label="With the heads that were noted outside" text="signet event verify --anchor FILE" />
      </section>
      <section className="setting" aria-labelledby="anchors">
        <h2 id="anchors">Anchors</h2>
        <p className="help">Where the head of the log goes is said when the server starts, so that who has this page cannot turn it off.</p>
        <Copy label="For example" text="signet serve ... --event-anchor syslog+tcp:loghost:601 --event-anchor-interval 10m" />
      </section>
      <section className="setting" aria-labelledby="export">
        <h2 id="export">Export</h2>
        <p className="help">Cells that a spreadsheet would compute get an apostrophe; what does not print is spelled out.</p>
        <div className="side-by-side">
          <Button disabled={busy !== ""} onClick={() => run("events", exportEvents)}>
            Events as CSV
          </Button>
          <Button disabled={busy !== ""} onClick={() => run("config", exportConfig)}>
            Configuration as CSV
          </Button>
        </div>
      </section>
    </>
  );
}
