import { Button, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useState } from "react";
import { call } from "../api/client";
import type { SignIn, SignInList, User, Users } from "../api/types";
import { useGet } from "../api/use";
import { Ask } from "../parts/Ask";
import { Grid, type Column } from "../parts/Grid";
import { Refused } from "../parts/Refused";
import { printable, when } from "../parts/text";
import { useMay } from "../shell/context";
import { onLink } from "../shell/route";

const users: Column<User>[] = [
  { name: "Name", value: (u) => u.Name, width: 180 },
  { name: "Role", value: (u) => u.Role, width: 120, filter: true },
  { name: "Can sign in", value: (u) => (!u.Enabled ? "No: disabled" : u.NeedsPassword ? "Not before a new password" : "Yes"), width: 200 },
];

/** Administrators are who may sign in here, and who has. */
export default function Administrators() {
  const may = useMay();
  const accounts = useGet<Users>("users");
  const signIns = useGet<SignInList>("sign-ins");
  const [ending, setEnding] = useState<SignIn>();
  const columns: Column<SignIn>[] = [
    { name: "Account", value: (s) => s.Account, width: 160 },
    { name: "Role", value: (s) => s.Role, width: 100, filter: true },
    { name: "From", value: (s) => s.Address, width: 160 },
    { name: "Since", value: (s) => s.Began, show: (s) => when(s.Began), width: 180 },
    { name: "Last used", value: (s) => s.LastUsed, show: (s) => when(s.LastUsed), width: 180 },
    { name: "Ends", value: (s) => s.Ends, show: (s) => when(s.Ends), width: 180 },
    {
      name: "Actions",
      hands: true,
      value: () => "",
      width: 110,
      show: (s) => (
        <Button size="small" disabled={!may.change || s.Id === may.who?.Id} aria-label={`Sign out ${printable(s.Account)}`} onClick={() => setEnding(s)}>
          Sign out
        </Button>
      ),
    },
  ];
  return (
    <>
      <h1>Administrators</h1>
      <p className="intro">
        A viewer sees everything; an operator may also close sessions and files; an admin changes things. Roles are given under{" "}
        <a href="/users" onClick={onLink}>
          Users
        </a>
        ; a link of signet admin link has the role of who made it.
      </p>
      <h2>Accounts with a role</h2>
      <Refused error={accounts.error} />
      <Grid name="Accounts with a role" columns={users} rows={accounts.data?.Users.filter((u) => u.Role !== "none")} id={(u) => u.Name} empty="No account has a role: signet user set NAME --role admin gives one." />
      <h2>Signed in now</h2>
      {may.who?.Role === "viewer" ? (
        <MessageBar>
          <MessageBarBody>Who is signed in is shown to operators.</MessageBarBody>
        </MessageBar>
      ) : (
        <>
          <Refused error={signIns.error} />
          <Grid name="Signed in now" columns={columns} rows={signIns.data?.SignIns} id={(s) => s.Id} empty="Nobody." tools={<Button onClick={signIns.reload}>Refresh</Button>} />
        </>
      )}
      {ending && (
        <Ask
          title={`Sign out ${printable(ending.Account)}?`}
          verb="Sign out"
          act={() => call("DELETE", `sign-ins/${ending.Id}`)}
          close={() => {
            setEnding(undefined);
            signIns.reload();
          }}
        >
          <p>Who signed in from {printable(ending.Address)} has to sign in again.</p>
        </Ask>
      )}
    </>
  );
}
