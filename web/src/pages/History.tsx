import { Button, Checkbox, Field, Input } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import { ApiError, call, get } from "../api/client";
import type { ConfigResult, ConfigRollback, History as List, Revision } from "../api/types";
import { Ask } from "../parts/Ask";
import { Grid, type Column } from "../parts/Grid";
import { Refused } from "../parts/Refused";
import { printable, when } from "../parts/text";
import { useMay } from "../shell/context";

const none = "none";
const change = (r: Revision, side: "Old" | "New") => r.Changes.map((c) => `${c.Property}: ${c[side] ?? none}`).join("\n");

/** History is who changed what, when and why, and the way back. */
export default function History() {
  const [rows, setRows] = useState<Revision[]>();
  const [error, setError] = useState<ApiError>();
  const [back, setBack] = useState<Revision>();
  const [turn, setTurn] = useState(0);
  const may = useMay();
  useEffect(() => {
    let current = true;
    const read = async () => {
      const all: Revision[] = [];
      for (let before = 0; current && all.length < 10_000; ) {
        const page = await get<List>(`config/history?Limit=1000&Before=${before}`);
        all.push(...page.Revisions);
        const last = page.Revisions.at(-1);
        if (page.Revisions.length < 1000 || !last) break;
        before = last.Number;
      }
      if (current) setRows(all);
    };
    read().catch((e: ApiError) => current && setError(e));
    return () => {
      current = false;
    };
  }, [turn]);
  const columns: Column<Revision>[] = [
    { name: "Revision", value: (r) => r.Number, width: 80 },
    { name: "Time", value: (r) => r.At, show: (r) => when(r.At), width: 180 },
    { name: "Kind", value: (r) => r.Kind, width: 90, filter: true },
    { name: "Before", value: (r) => change(r, "Old"), width: 260 },
    { name: "After", value: (r) => change(r, "New"), width: 260 },
    { name: "Who", value: (r) => r.By, width: 120, filter: true },
    { name: "From where", value: (r) => r.Means, width: 150 },
    { name: "Why", value: (r) => r.Reason, width: 220 },
    {
      name: "Actions",
      hands: true,
      value: () => "",
      width: 150,
      show: (r) => (
        <Button size="small" disabled={!may.change || r.Number === rows?.[0]?.Number} aria-label={`Roll back to revision ${r.Number}`} onClick={() => setBack(r)}>
          Roll back
        </Button>
      ),
    },
  ];
  return (
    <>
      <h1>History</h1>
      <p className="intro">Every change of the configuration. Rolling back makes a new revision that says what an earlier one said.</p>
      <Refused error={error} />
      <Grid name="History" columns={columns} rows={rows} id={(r) => String(r.Number)} empty="Nothing was ever changed." sortBy={{ column: "Revision", down: true }} />
      {back && (
        <RollBack
          to={back}
          close={(done) => {
            setBack(undefined);
            if (done) setTurn(turn + 1);
          }}
        />
      )}
    </>
  );
}

/** RollBack shows what would follow, and does it. */
function RollBack({ to, close }: { to: Revision; close: (done: boolean) => void }) {
  const [plan, setPlan] = useState<ConfigResult>();
  const [error, setError] = useState<ApiError>();
  const [reason, setReason] = useState("");
  const [now, setNow] = useState(false);
  useEffect(() => {
    call<ConfigResult>("POST", "config/rollback", { Revision: to.Number, DryRun: true } satisfies ConfigRollback).then(setPlan, setError);
  }, [to]);
  return (
    <Ask
      title={`Roll back to revision ${to.Number}?`}
      verb="Roll back"
      ready={plan !== undefined && (!plan.Weakens || reason.trim() !== "")}
      act={() => call("POST", "config/rollback", { Revision: to.Number, IfRevision: plan?.Revision, Reason: reason.trim(), Now: now } satisfies ConfigRollback)}
      close={close}
    >
      <Refused error={error} />
      {plan && plan.Effects.length === 0 && <p>Nothing would be different.</p>}
      {plan?.Effects.map((e) => (
        <p key={e.Property}>
          <strong>{printable(e.Property)}</strong>: {printable(e.Before || none)} → {printable(e.After || none)}
          {e.Caution ? `. ${printable(e.Caution)}` : ""}
        </p>
      ))}
      {plan && plan.Sessions.length > 0 && <Checkbox label={`Also close the ${plan.Sessions.length} sessions that comply no more`} checked={now} onChange={(_, d) => setNow(d.checked === true)} />}
      <Field label={plan?.Weakens ? "Reason (needed: it lowers protection)" : "Reason"} required={plan?.Weakens}>
        <Input value={reason} maxLength={1000} onChange={(_, d) => setReason(d.value)} />
      </Field>
    </Ask>
  );
}
