import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from "@fluentui/react-components";
import { useState, type ReactNode } from "react";
import { ApiError } from "../api/client";
import { Refused } from "./Refused";
import { SignInAgain } from "./SignInAgain";

/** Ask is a dialog that does one thing, and says what was refused. */
export function Ask({ title, act, verb, ready = true, close, children }: { title: string; act: () => Promise<unknown>; verb: string; ready?: boolean; close: (done: boolean) => void; children: ReactNode }) {
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const [again, setAgain] = useState(false);
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await act();
      close(true);
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.code === "SignInAgain") setAgain(true);
      else setError(e);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open modalType="alert" onOpenChange={(_, d) => !d.open && close(false)}>
      <DialogSurface>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            void run();
          }}
        >
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className="stack">
              {children}
              <Refused error={error} />
            </DialogContent>
            <DialogActions>
              <Button type="submit" appearance="primary" disabled={!ready || busy}>
                {verb}
              </Button>
              <Button onClick={() => close(false)}>Cancel</Button>
            </DialogActions>
          </DialogBody>
        </form>
        {again && (
          <SignInAgain
            close={(who) => {
              setAgain(false);
              if (who) void run();
            }}
          />
        )}
      </DialogSurface>
    </Dialog>
  );
}
