import { Button, Checkbox, Field, Input, Select } from "@fluentui/react-components";
import { useState } from "react";
import { call } from "../api/client";
import type { ConfigResult, Rule, RuleAddition, RuleList } from "../api/types";
import { useGet } from "../api/use";
import { Ask } from "../parts/Ask";
import { Grid, type Column } from "../parts/Grid";
import { Refused } from "../parts/Refused";
import { printable, when } from "../parts/text";
import { useMay } from "../shell/context";
import { go, useRoute } from "../shell/route";

const said = (value: boolean | undefined) => (value === undefined ? "as the server" : value ? "Required" : "Not required");

/** Rules are what is demanded of some instead of what the server demands of all. */
export default function Rules() {
  const { data, error, reload } = useGet<RuleList>("rules");
  const route = useRoute();
  const may = useMay();
  const asked = route.searchParams.get("new");
  const [open, setOpen] = useState<"exception" | "require" | undefined>(asked === "exception" || asked === "require" ? asked : undefined);
  const [removing, setRemoving] = useState<Rule>();
  const columns: Column<Rule>[] = [
    { name: "Name", value: (r) => r.Name, width: 150 },
    { name: "State", value: (r) => ({ InForce: "In force", Warning: "Warns only", Ended: "Ended" })[r.State], width: 100, filter: true },
    { name: "Whom", value: (r) => [r.Share && `share ${r.Share}`, r.Address, r.Account].filter(Boolean).join(", ") || "all", width: 200 },
    { name: "Signing", value: (r) => said(r.RequireSecuritySignature), width: 120, filter: true },
    { name: "Encryption", value: (r) => said(r.EncryptData), width: 120, filter: true },
    { name: "Warns until", value: (r) => r.WarnUntil ?? "", show: (r) => when(r.WarnUntil), width: 170 },
    { name: "Ends", value: (r) => r.Until ?? "", show: (r) => when(r.Until), width: 170 },
    { name: "Why", value: (r) => r.Reason ?? "", width: 200 },
    { name: "Meets others", value: (r) => r.Overlaps.join("; "), width: 160 },
    { name: "From", value: (r) => (r.Layer === "Store" ? "local setting" : `configuration file (${r.Source})`), width: 150 },
    {
      name: "Actions",
      hands: true,
      value: () => "",
      width: 100,
      show: (r) => (
        <Button size="small" disabled={!may.change || r.Layer !== "Store"} aria-label={`Remove ${printable(r.Name)}`} onClick={() => setRemoving(r)}>
          Remove
        </Button>
      ),
    },
  ];
  return (
    <>
      <h1>Rules and exceptions</h1>
      <p className="intro">What is demanded of one device, network, account or share instead of what the server demands of all. An exception lowers protection, so it must have an end and a reason. The most specific rule counts.</p>
      <Refused error={error} />
      <Grid
        name="Rules"
        columns={columns}
        rows={data?.Rules}
        id={(r) => r.Layer + r.Name}
        empty="There are no rules: the same is demanded of everybody."
        tools={
          <>
            <Button appearance="primary" disabled={!may.change} onClick={() => setOpen("exception")}>
              Add exception
            </Button>
            <Button disabled={!may.change} onClick={() => setOpen("require")}>
              Add requirement
            </Button>
          </>
        }
      />
      {open && (
        <Add
          kind={open}
          address={route.searchParams.get("address") ?? ""}
          account={route.searchParams.get("account") ?? ""}
          close={(done) => {
            setOpen(undefined);
            if (asked) go("/settings/rules");
            if (done) reload();
          }}
        />
      )}
      {removing && (
        <Remove
          rule={removing}
          close={(done) => {
            setRemoving(undefined);
            if (done) reload();
          }}
        />
      )}
    </>
  );
}

/** Add makes an exception, or demands more of some. */
function Add({ kind, address, account, close }: { kind: "exception" | "require"; address: string; account: string; close: (done: boolean) => void }) {
  const exempts = kind === "exception";
  const [r, set] = useState<RuleAddition>({ Name: "", Address: address, Account: account, Share: "", RequireSecuritySignature: !exempts, Reason: "" });
  const [days, setDays] = useState("7");
  const [warn, setWarn] = useState(false);
  const [now, setNow] = useState(false);
  const until = days === "" ? undefined : new Date(Date.now() + Number(days) * 86400_000).toISOString();
  const ready = r.Name !== "" && (r.RequireSecuritySignature !== undefined || r.EncryptData !== undefined) && (!exempts || (until !== undefined && (r.Reason ?? "").trim() !== ""));
  const act = () =>
    call<ConfigResult>("POST", "rules", {
      ...r,
      Address: r.Address || undefined,
      Account: r.Account || undefined,
      Share: r.Share || undefined,
      Reason: (r.Reason ?? "").trim(),
      Until: warn ? undefined : until,
      WarnUntil: warn ? until : undefined,
      Now: now,
    } satisfies RuleAddition);
  const tick = (name: "RequireSecuritySignature" | "EncryptData", label: string) => <Checkbox label={label} checked={r[name] !== undefined} onChange={(_, d) => set({ ...r, [name]: d.checked === true ? !exempts : undefined })} />;
  return (
    <Ask title={exempts ? "Add an exception" : "Add a requirement"} verb={exempts ? "Add the exception" : "Add the requirement"} ready={ready} act={act} close={close}>
      {exempts && <p>Not recommended, but better than turning protection off for everyone. It ends by itself, and each use is an event.</p>}
      <Field label="Name" required hint="Letters, digits, - _ .">
        <Input value={r.Name} maxLength={64} onChange={(_, d) => set({ ...r, Name: d.value })} />
      </Field>
      <Field label="Address or network" hint="192.0.2.7 or 192.0.2.0/24; empty: any">
        <Input value={r.Address ?? ""} onChange={(_, d) => set({ ...r, Address: d.value })} />
      </Field>
      <Field label="Account" hint="Empty: all">
        <Input value={r.Account ?? ""} onChange={(_, d) => set({ ...r, Account: d.value })} />
      </Field>
      {!exempts && (
        <Field label="Share" hint="Empty: sessions as a whole">
          <Input value={r.Share ?? ""} onChange={(_, d) => set({ ...r, Share: d.value })} />
        </Field>
      )}
      {tick("RequireSecuritySignature", exempts ? "Signing is not required" : "Signing is required")}
      {tick("EncryptData", exempts ? "Encryption is not required" : "Encryption is required")}
      <Field label={exempts ? "Ends after" : "Ends"}>
        <Select value={days} onChange={(_, d) => setDays(d.value)}>
          <option value="0.1666">4 hours</option>
          <option value="1">1 day</option>
          <option value="7">7 days</option>
          <option value="30">30 days</option>
          <option value="90">90 days</option>
          {!exempts && <option value="">Never</option>}
        </Select>
      </Field>
      {!exempts && <Checkbox label="Until then only warn: refuse nobody, and record who would be" checked={warn} disabled={days === ""} onChange={(_, d) => setWarn(d.checked === true)} />}
      <Checkbox label="Also close sessions that do not comply" checked={now} onChange={(_, d) => setNow(d.checked === true)} />
      <Field label={exempts ? "Reason (needed)" : "Reason"} required={exempts}>
        <Input value={r.Reason ?? ""} maxLength={1000} onChange={(_, d) => set({ ...r, Reason: d.value })} />
      </Field>
    </Ask>
  );
}

/** Remove takes a rule away. */
function Remove({ rule, close }: { rule: Rule; close: (done: boolean) => void }) {
  const [reason, setReason] = useState("");
  return (
    <Ask title={`Remove the rule ${printable(rule.Name)}?`} verb="Remove the rule" act={() => call("DELETE", `rules/${encodeURIComponent(rule.Name)}?Reason=${encodeURIComponent(reason.trim())}`)} close={close}>
      <p>What the server demands of all counts for them again.</p>
      <Field label="Reason" hint="Needed where protection is lowered">
        <Input value={reason} maxLength={1000} onChange={(_, d) => setReason(d.value)} />
      </Field>
    </Ask>
  );
}
