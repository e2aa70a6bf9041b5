import { Button, Field, Input, MessageBar, MessageBarBody, Spinner } from "@fluentui/react-components";
import { useEffect, useRef, useState } from "react";
import { ApiError, signIn, tokenOf } from "../api/client";
import type { SignIn as Who } from "../api/types";

/** SignIn asks for name and password, or for a link of signet admin link. */
export function SignIn({ done }: { done: (who: Who) => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [link, setLink] = useState("");
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const began = useRef(false);

  const by = async (how: Parameters<typeof signIn>[0]) => {
    setBusy(true);
    setError(undefined);
    try {
      done(await signIn(how));
    } catch (e) {
      setError(e as ApiError);
    } finally {
      setBusy(false);
      setPassword("");
    }
  };

  // A link brings its token in the fragment, which no server sees. It is taken
  // out of the address, and so of the browser's history, before it is used.
  useEffect(() => {
    const token = tokenOf(location.hash);
    if (!token || began.current) return;
    began.current = true;
    history.replaceState(null, "", location.pathname);
    void by({ Token: token });
  });

  return (
    <main className="sign-in">
      <form
        className="card"
        onSubmit={(e) => {
          e.preventDefault();
          const token = tokenOf(link);
          void by(token ? { Token: token } : { Name: name, Password: password });
        }}
      >
        <img src="/icon.svg" alt="" width={40} height={40} />
        <h1>Sign in to Signet</h1>
        <p className="quiet">{location.host}</p>
        {error && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>
              {error.message}
              {error.refusal.Hint ? `: ${error.refusal.Hint}` : "."}
            </MessageBarBody>
          </MessageBar>
        )}
        <Field label="Name">
          <Input value={name} onChange={(_, d) => setName(d.value)} autoComplete="username" autoFocus />
        </Field>
        <Field label="Password">
          <Input type="password" value={password} onChange={(_, d) => setPassword(d.value)} autoComplete="current-password" />
        </Field>
        <Field label="Or a link" hint="signet admin link, on the server, prints one that works once within five minutes. Opening it signs in, too.">
          <Input value={link} onChange={(_, d) => setLink(d.value)} autoComplete="off" />
        </Field>
        <Button type="submit" appearance="primary" disabled={busy || (!tokenOf(link) && (!name || !password))} icon={busy ? <Spinner size="tiny" /> : undefined}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
