import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import { ApiError, signIn, tokenOf } from "../api/client";
import type { SignIn } from "../api/types";
import { useMay } from "../shell/context";
import { Refused } from "./Refused";

/** SignInAgain asks who sits there, before protection is lowered. */
export function SignInAgain({ close, why }: { close: (who?: SignIn) => void; why?: string }) {
  const may = useMay();
  const [name, setName] = useState(may.who?.Account.includes(" ") ? "" : (may.who?.Account ?? ""));
  const [password, setPassword] = useState("");
  const [link, setLink] = useState("");
  const [error, setError] = useState<ApiError>();
  const submit = async () => {
    const token = tokenOf(link);
    try {
      close(await signIn(token ? { Token: token } : { Name: name, Password: password }));
    } catch (e) {
      setError(e as ApiError);
      setPassword("");
    }
  };
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && close()}>
      <DialogSurface>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            e.stopPropagation();
            void submit();
          }}
        >
          <DialogBody>
            <DialogTitle>Sign in again</DialogTitle>
            <DialogContent className="stack">
              <p>{why ?? "What lowers protection is taken only within ten minutes of a sign-in."}</p>
              <Refused error={error} />
              <Field label="Name">
                <Input value={name} onChange={(_, d) => setName(d.value)} autoComplete="username" />
              </Field>
              <Field label="Password">
                <Input type="password" value={password} onChange={(_, d) => setPassword(d.value)} autoComplete="current-password" />
              </Field>
              <Field label="Or a link of signet admin link">
                <Input value={link} onChange={(_, d) => setLink(d.value)} autoComplete="off" />
              </Field>
            </DialogContent>
            <DialogActions>
              <Button onClick={() => close()}>Cancel</Button>
              <Button type="submit" appearance="primary" disabled={!tokenOf(link) && (!name || !password)}>
                Sign in
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
