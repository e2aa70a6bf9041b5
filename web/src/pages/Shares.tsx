import { Button, Checkbox, Field, Input, Select } from "@fluentui/react-components";
import { useState } from "react";
import { call } from "../api/client";
import type { NewShare, Share, ShareChange, ShareList } from "../api/types";
import { useGet } from "../api/use";
import { Ask } from "../parts/Ask";
import { Grid, type Column } from "../parts/Grid";
import { Refused } from "../parts/Refused";
import { printable } from "../parts/text";
import { useMay } from "../shell/context";

const yes = (b: boolean) => (b ? "Yes" : "No");
const access = (s: Share) =>
  (["FullAccess", "ChangeAccess", "ReadAccess", "NoAccess"] as const)
    .filter((a) => s[a].length > 0)
    .map((a) => `${a.replace("Access", "")}: ${s[a].join(", ")}`)
    .join("; ") || "Everybody with an account";

/** Shares are the folders that are served. */
export default function Shares() {
  const { data, error, reload } = useGet<ShareList>("shares");
  const [open, setOpen] = useState<{ what: "edit" | "remove" | "access"; share?: Share }>();
  const may = useMay();
  const columns: Column<Share>[] = [
    { name: "Name", value: (s) => s.Name, width: 140 },
    { name: "Folder", value: (s) => s.Path, width: 240 },
    { name: "Description", value: (s) => s.Description, width: 180 },
    { name: "State", value: (s) => s.ShareState, width: 80, filter: true },
    { name: "Read only", value: (s) => yes(s.ReadOnly), width: 90 },
    { name: "Signing required", value: (s) => yes(s.RequireSecuritySignature), width: 130 },
    { name: "Encryption required", value: (s) => yes(s.EncryptData), width: 150 },
    { name: "Guests", value: (s) => (s.EnableGuestAccess ? "If the server lets them in" : "No"), width: 170 },
    { name: "Who may", value: access, width: 220 },
    { name: "From", value: (s) => ({ CommandLine: "command line", File: "configuration file", Store: "local setting" })[s.Source], width: 140, filter: true },
    {
      name: "Actions",
      hands: true,
      value: () => "",
      width: 250,
      show: (s) =>
        s.Source === "Store" ? (
          <span className="actions">
            <Button size="small" disabled={!may.change} aria-label={`Change ${printable(s.Name)}`} onClick={() => setOpen({ what: "edit", share: s })}>
              Change
            </Button>
            <Button size="small" disabled={!may.change} aria-label={`Access to ${printable(s.Name)}`} onClick={() => setOpen({ what: "access", share: s })}>
              Access
            </Button>
            <Button size="small" disabled={!may.change} aria-label={`Remove ${printable(s.Name)}`} onClick={() => setOpen({ what: "remove", share: s })}>
              Remove
            </Button>
          </span>
        ) : (
          <span className="quiet">Changed where it is from</span>
        ),
    },
  ];
  const close = (done: boolean) => {
    setOpen(undefined);
    if (done) reload();
  };
  return (
    <>
      <h1>Shares</h1>
      <p className="intro">Folders that clients reach. Those of the command line and of the configuration file are changed there.</p>
      <Refused error={error} />
      <Grid
        name="Shares"
        columns={columns}
        rows={data?.Shares}
        id={(s) => s.Source + s.Name}
        empty="Nothing is shared."
        tools={
          <Button appearance="primary" disabled={!may.change} onClick={() => setOpen({ what: "edit" })}>
            New share
          </Button>
        }
      />
      {open?.what === "edit" && <Edit share={open.share} close={close} />}
      {open?.what === "access" && open.share && <Access share={open.share} close={close} />}
      {open?.what === "remove" && open.share && (
        <Ask title={`Stop sharing ${printable(open.share.Name)}?`} verb="Remove the share" act={() => call("DELETE", `shares/${encodeURIComponent(open.share?.Name ?? "")}`)} close={close}>
          <p>Whoever uses it is cut off. The folder {printable(open.share.Path)} and what is in it stay.</p>
        </Ask>
      )}
    </>
  );
}

/** Edit makes a share, or changes one. */
function Edit({ share, close }: { share?: Share; close: (done: boolean) => void }) {
  const [s, set] = useState<NewShare>(
    share
      ? { Name: share.Name, Path: share.Path, ReadOnly: share.ReadOnly, RunAs: share.RunAs, EncryptData: share.EncryptData, RequireSecuritySignature: share.RequireSecuritySignature, EnableGuestAccess: share.EnableGuestAccess, FolderEnumerationMode: share.FolderEnumerationMode, Description: share.Description, ConcurrentUserLimit: share.ConcurrentUserLimit, LeasingMode: share.LeasingMode }
      : { Name: "", Path: "", RequireSecuritySignature: false, EncryptData: false, EnableGuestAccess: true },
  );
  const act = () => {
    if (!share) return call("POST", "shares", { ...s, RunAs: s.RunAs || undefined });
    const { Name: _, FullAccess: _f, ChangeAccess: _c, ReadAccess: _r, ...change } = s;
    return call("PATCH", `shares/${encodeURIComponent(share.Name)}`, change satisfies ShareChange);
  };
  const tick = (name: "ReadOnly" | "RequireSecuritySignature" | "EncryptData" | "EnableGuestAccess", label: string) => <Checkbox label={label} checked={s[name] ?? false} onChange={(_, d) => set({ ...s, [name]: d.checked === true })} />;
  return (
    <Ask title={share ? `Change ${printable(share.Name)}` : "New share"} verb={share ? "Save" : "Add the share"} ready={s.Name !== "" && s.Path !== ""} act={act} close={close}>
      {!share && (
        <Field label="Name" required>
          <Input value={s.Name} onChange={(_, d) => set({ ...s, Name: d.value })} />
        </Field>
      )}
      <Field label="Folder" required hint="A whole path on the server">
        <Input value={s.Path} onChange={(_, d) => set({ ...s, Path: d.value })} />
      </Field>
      <Field label="Description" hint="Clients show it beside the name">
        <Input value={s.Description ?? ""} onChange={(_, d) => set({ ...s, Description: d.value })} />
      </Field>
      <Field label="Used as system user" hint="Empty: as the server was started">
        <Input value={s.RunAs ?? ""} onChange={(_, d) => set({ ...s, RunAs: d.value })} />
      </Field>
      <Field label="Most users at a time" hint="0: as many as come">
        <Input type="number" min={0} value={String(s.ConcurrentUserLimit ?? 0)} onChange={(_, d) => set({ ...s, ConcurrentUserLimit: Number(d.value) })} />
      </Field>
      <Field label="Clients may cache">
        <Select value={s.LeasingMode ?? "Full"} onChange={(_, d) => set({ ...s, LeasingMode: d.value as NonNullable<NewShare["LeasingMode"]> })}>
          <option value="Full">What they read and write</option>
          <option value="Shared">What they read</option>
          <option value="None">Nothing</option>
        </Select>
      </Field>
      {tick("ReadOnly", "Read only")}
      {tick("RequireSecuritySignature", "Require signing for this share, whatever the server requires")}
      {tick("EncryptData", "Require encryption for this share")}
      {tick("EnableGuestAccess", "Let guests in, where the server does")}
      <Checkbox label="Show each user only what he may read" checked={s.FolderEnumerationMode === "AccessBased"} onChange={(_, d) => set({ ...s, FolderEnumerationMode: d.checked === true ? "AccessBased" : "Unrestricted" })} />
    </Ask>
  );
}

/** Access grants an account access to a share, or takes it. */
function Access({ share, close }: { share: Share; close: (done: boolean) => void }) {
  const [account, setAccount] = useState("");
  const [level, setLevel] = useState("Change");
  const path = () => `shares/${encodeURIComponent(share.Name)}/access/${encodeURIComponent(account.trim())}`;
  return (
    <Ask title={`Access to ${printable(share.Name)}`} verb={level === "Revoke" ? "Revoke" : "Grant"} ready={account.trim() !== ""} act={() => (level === "Revoke" ? call("DELETE", path()) : call("PUT", path(), { Access: level }))} close={close}>
      <p>Now: {printable(access(share))}</p>
      <Field label="Account" required>
        <Input value={account} onChange={(_, d) => setAccount(d.value)} />
      </Field>
      <Field label="May">
        <Select value={level} onChange={(_, d) => setLevel(d.value)}>
          <option value="Read">Read</option>
          <option value="Change">Change</option>
          <option value="Full">Everything, permissions too</option>
          <option value="Revoke">Nothing granted any more</option>
        </Select>
      </Field>
    </Ask>
  );
}
