import { Button, Checkbox, Field, Input, Select } from "@fluentui/react-components";
import { useState } from "react";
import { call } from "../api/client";
import type { NewUser, User, UserChange, Users as List } from "../api/types";
import { useGet } from "../api/use";
import { Ask } from "../parts/Ask";
import { Grid, type Column } from "../parts/Grid";
import { Refused } from "../parts/Refused";
import { printable } from "../parts/text";
import { useMay } from "../shell/context";

const roles = ["none", "viewer", "operator", "admin"] as const;

/** Users are the accounts. */
export default function Users() {
  const { data, error, reload } = useGet<List>("users");
  const [open, setOpen] = useState<{ what: "new" | "change" | "password" | "remove"; user?: User }>();
  const may = useMay();
  const button = (user: User, what: "change" | "password" | "remove", label: string) => (
    <Button size="small" disabled={!may.change} aria-label={`${label}: ${printable(user.Name)}`} onClick={() => setOpen({ what, user })}>
      {label}
    </Button>
  );
  const columns: Column<User>[] = [
    { name: "Name", value: (u) => u.Name, width: 180 },
    { name: "Enabled", value: (u) => (u.Enabled ? "Yes" : "No"), width: 90, filter: true },
    { name: "Administration", value: (u) => u.Role + (u.NeedsPassword ? " (from the next password on)" : ""), width: 200, filter: true },
    { name: "System user", value: (u) => u.UnixUser || "of the same name", width: 150 },
    {
      name: "Actions",
      hands: true,
      value: () => "",
      width: 270,
      show: (u) => (
        <span className="actions">
          {button(u, "change", "Change")}
          {button(u, "password", "Set password")}
          {button(u, "remove", "Remove")}
        </span>
      ),
    },
  ];
  const close = (done: boolean) => {
    setOpen(undefined);
    if (done) reload();
  };
  return (
    <>
      <h1>Users</h1>
      <p className="intro">Accounts of the SMB server. An account with a role may sign in here, too.</p>
      <Refused error={error} />
      <Grid
        name="Users"
        columns={columns}
        rows={data?.Users}
        id={(u) => u.Name}
        empty="There is no account."
        tools={
          <Button appearance="primary" disabled={!may.change} onClick={() => setOpen({ what: "new" })}>
            New user
          </Button>
        }
      />
      {open?.what === "new" && <New close={close} />}
      {open?.what === "change" && open.user && <Change user={open.user} close={close} />}
      {open?.what === "password" && open.user && <Password user={open.user} close={close} />}
      {open?.what === "remove" && open.user && (
        <Ask title={`Remove ${printable(open.user.Name)}?`} verb="Remove the account" act={() => call("DELETE", `users/${encodeURIComponent(open.user?.Name ?? "")}`)} close={close}>
          <p>Files stay. Sessions that are open go on until they end; close them under Sessions.</p>
        </Ask>
      )}
    </>
  );
}

function New({ close }: { close: (done: boolean) => void }) {
  const [u, set] = useState<NewUser>({ Name: "", Password: "", Role: "none" });
  return (
    <Ask title="New user" verb="Add the account" ready={u.Name !== "" && u.Password !== ""} act={() => call("POST", "users", u)} close={close}>
      <Field label="Name" required>
        <Input value={u.Name} autoComplete="off" onChange={(_, d) => set({ ...u, Name: d.value })} />
      </Field>
      <Field label="Password" required>
        <Input type="password" value={u.Password} autoComplete="new-password" onChange={(_, d) => set({ ...u, Password: d.value })} />
      </Field>
      <RoleOf role={u.Role ?? "none"} set={(Role) => set({ ...u, Role })} />
    </Ask>
  );
}

function Change({ user, close }: { user: User; close: (done: boolean) => void }) {
  const [u, set] = useState<UserChange>({ Enabled: user.Enabled, UnixUser: user.UnixUser, Role: user.Role });
  return (
    <Ask title={`Change ${printable(user.Name)}`} verb="Save" act={() => call("PATCH", `users/${encodeURIComponent(user.Name)}`, u)} close={close}>
      <Checkbox label="Enabled" checked={u.Enabled ?? false} onChange={(_, d) => set({ ...u, Enabled: d.checked === true })} />
      <RoleOf role={u.Role ?? "none"} set={(Role) => set({ ...u, Role })} />
      <Field label="System user" hint="Empty: the one of the account's name; none: nobody">
        <Input value={u.UnixUser ?? ""} onChange={(_, d) => set({ ...u, UnixUser: d.value })} />
      </Field>
    </Ask>
  );
}

function Password({ user, close }: { user: User; close: (done: boolean) => void }) {
  const [password, setPassword] = useState("");
  return (
    <Ask title={`Password of ${printable(user.Name)}`} verb="Set the password" ready={password !== ""} act={() => call("PUT", `users/${encodeURIComponent(user.Name)}/password`, { Password: password })} close={close}>
      <Field label="New password" required>
        <Input type="password" value={password} autoComplete="new-password" onChange={(_, d) => setPassword(d.value)} />
      </Field>
    </Ask>
  );
}

/** RoleOf asks what an account may do here. */
export function RoleOf({ role, set }: { role: (typeof roles)[number]; set: (role: (typeof roles)[number]) => void }) {
  return (
    <Field label="Role in the administration" hint="A role counts from the next password on.">
      <Select value={role} onChange={(_, d) => set(d.value as (typeof roles)[number])}>
        {roles.map((r) => (
          <option key={r}>{r}</option>
        ))}
      </Select>
    </Field>
  );
}
