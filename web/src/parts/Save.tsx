import { Button, Checkbox, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Field, Input, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle, Spinner } from "@fluentui/react-components";
import { useEffect, useState, type ReactNode } from "react";
import { ApiError, call } from "../api/client";
import type { ConfigChange, ConfigResult } from "../api/types";
import { useMay } from "../shell/context";
import { Refused } from "./Refused";
import { SignInAgain } from "./SignInAgain";
import { SettingsContext, effects, useSettings, type Settings } from "./settings";
import { clock, printable, when } from "./text";
import { WhoBreaks } from "./WhoBreaks";

/** The time after which a change goes back by itself unless it is kept. */
const confirmWithin = 600;

/** Saved is what the last change came to. */
interface Saved {
  result: ConfigResult;
  change: ConfigChange;
}

/** SettingsPage is a page of properties, and what saves them. */
export function SettingsPage({ title, intro, settings, children }: { title: string; intro: ReactNode; settings: Settings; children: ReactNode }) {
  const [review, setReview] = useState(false);
  const [saved, setSaved] = useState<Saved>();
  const may = useMay();
  const n = Object.keys(settings.changes).length;
  return (
    <SettingsContext value={settings}>
      <h1>{title}</h1>
      <p className="intro">{intro}</p>
      {settings.error instanceof ApiError && <Refused error={settings.error} />}
      <Countdown saved={saved} />
      {saved && <Commands saved={saved} />}
      {settings.list ? children : !settings.error && <Spinner label="Asking the server" />}
      <div className="save-bar">
        <Button appearance="primary" disabled={n === 0 || !may.change} onClick={() => setReview(true)}>
          Save
        </Button>
        <Button disabled={n === 0} onClick={() => settings.discard()}>
          Discard
        </Button>
        <span role="status">{n === 0 ? "No changes." : n === 1 ? "One change is not saved." : `${n} changes are not saved.`}</span>
      </div>
      {review && (
        <Review
          settings={settings}
          close={(done) => {
            setReview(false);
            if (done) {
              setSaved(done);
              scrollTo({ top: 0 });
              settings.discard();
              settings.reload();
            }
          }}
        />
      )}
    </SettingsContext>
  );
}

/** Review shows what a change would come to, and makes it. */
function Review({ settings, close }: { settings: Settings; close: (done?: Saved) => void }) {
  const [plan, setPlan] = useState<ConfigResult>();
  const [error, setError] = useState<ApiError>();
  const [reason, setReason] = useState("");
  const [fourHours, setFourHours] = useState(false);
  const [confirm, setConfirm] = useState(true);
  const [now, setNow] = useState(false);
  const [busy, setBusy] = useState(false);
  const [again, setAgain] = useState(false);
  const set = settings.changes;
  const signingOff = set["server.RequireSecuritySignature"] === "False";
  const revision = settings.list?.Revision;

  useEffect(() => {
    call<ConfigResult>("PATCH", "config", { Set: set, IfRevision: revision, DryRun: true } satisfies ConfigChange).then(setPlan, setError);
    // The draft cannot change while it is reviewed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const save = async () => {
    setBusy(true);
    setError(undefined);
    const change: ConfigChange = {
      Set: set,
      IfRevision: revision,
      Reason: reason.trim(),
      Now: now,
      ConfirmWithinSeconds: confirm ? confirmWithin : 0,
      Until: fourHours ? new Date(Date.now() + 4 * 3600_000).toISOString() : undefined,
    };
    try {
      close({ result: await call<ConfigResult>("PATCH", "config", change), change });
    } catch (e) {
      const refused = e as ApiError;
      if (refused.code === "SignInAgain") setAgain(true);
      else setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const keep = () => {
    if (signingOff) settings.discard(["server.RequireSecuritySignature"]);
    close();
  };

  return (
    <Dialog open modalType="alert" onOpenChange={(_, d) => !d.open && close()}>
      <DialogSurface className="review">
        <form
          onSubmit={(e) => {
            e.preventDefault();
            void save();
          }}
        >
          <DialogBody>
            <DialogTitle>{signingOff ? "Turn SMB signing off for everyone?" : "Review the change"}</DialogTitle>
            <DialogContent className="stack">
              {!plan && !error && <Spinner label="Asking what would follow" />}
              {plan && (
                <>
                  {plan.Effects.map((e) => (
                    <div key={e.Property} className="effect">
                      <p>
                        <strong>{printable(e.Property)}</strong>: {printable(e.Before || "none")} → {printable(e.After || "none")}, {effects[e.TakesEffect] ?? e.TakesEffect}
                        {e.HeldBy ? `. Stored, but overridden by ${printable(e.HeldBy)}` : ""}
                      </p>
                      {e.Caution && (
                        <MessageBar intent="warning" layout="multiline">
                          <MessageBarBody>{printable(e.Caution)}</MessageBarBody>
                        </MessageBar>
                      )}
                    </div>
                  ))}
                  <WhoBreaks change={set} />
                  <p>
                    {plan.Sessions.length === 0 ? "Every open session complies with it." : `${plan.Sessions.length} open sessions comply no more; they go on as they are unless you close them.`}
                  </p>
                  <Checkbox label="Also close sessions that do not comply" checked={now} onChange={(_, d) => setNow(d.checked === true)} />
                  {plan.Weakens && <Checkbox label="Restore in 4 hours" checked={fourHours} onChange={(_, d) => setFourHours(d.checked === true)} />}
                  <Checkbox label="Restore in 10 minutes unless I press Keep" checked={confirm} onChange={(_, d) => setConfirm(d.checked === true)} />
                  <Field label={plan.Weakens ? "Reason (needed)" : "Reason"} required={plan.Weakens} hint="It is kept with the change.">
                    <Input value={reason} maxLength={1000} onChange={(_, d) => setReason(d.value)} />
                  </Field>
                </>
              )}
              <Refused error={error} />
            </DialogContent>
            <DialogActions fluid>
              {plan?.Weakens ? (
                <>
                  <Button appearance="primary" autoFocus onClick={keep}>
                    {signingOff ? "Keep Required" : "Keep as it is"}
                  </Button>
                  <Button type="submit" disabled={busy || reason.trim() === ""}>
                    {signingOff ? "Turn off for everyone…" : "Lower protection…"}
                  </Button>
                </>
              ) : (
                <>
                  <Button type="submit" appearance="primary" disabled={busy || !plan}>
                    Save
                  </Button>
                  <Button onClick={() => close()}>Cancel</Button>
                </>
              )}
            </DialogActions>
          </DialogBody>
        </form>
        {again && (
          <SignInAgain
            close={(who) => {
              setAgain(false);
              if (who) void save();
            }}
          />
        )}
      </DialogSurface>
    </Dialog>
  );
}

/** Countdown tells what goes back by itself, and lets it be kept. */
function Countdown({ saved }: { saved?: Saved }) {
  const settings = useSettings();
  const may = useMay();
  const [now, setNow] = useState(Date.now());
  const [error, setError] = useState<ApiError>();
  const waiting = (settings.list?.Properties ?? []).filter((p) => p.Deadline?.ConfirmBy);
  const ending = (settings.list?.Properties ?? []).filter((p) => p.Deadline?.Until);
  const by = Math.min(...waiting.map((p) => Date.parse(p.Deadline?.ConfirmBy ?? "")));
  const left = (by - now) / 1000;
  const over = waiting.length > 0 && left <= 0;
  useEffect(() => {
    if (waiting.length === 0) return;
    const tick = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(tick);
  }, [waiting.length]);
  const { reload } = settings;
  useEffect(() => {
    if (!over) return;
    const again = setInterval(reload, 1500);
    return () => clearInterval(again);
  }, [over, reload]);

  const revision = saved?.result.Changed ? `Saved as revision ${saved.result.Revision}. ` : "";
  return (
    <>
      <Refused error={error} />
      {waiting.length > 0 ? (
        <MessageBar intent="warning" layout="multiline" className="countdown">
          <MessageBarBody>
            <MessageBarTitle role="status">{revision}</MessageBarTitle>
            <span role="timer" aria-live="off">
              {over ? "It is being restored." : `Restored in ${clock(left)} unless you press Keep.`}
            </span>{" "}
            ({waiting.map((p) => p.Name).join(", ")})
          </MessageBarBody>
          <MessageBarActions>
            <Button
              appearance="primary"
              disabled={!may.change || over}
              onClick={() =>
                void call("POST", "config/confirm", {}).then(
                  () => (setError(undefined), settings.reload()),
                  (e: ApiError) => setError(e),
                )
              }
            >
              Keep
            </Button>
          </MessageBarActions>
        </MessageBar>
      ) : saved ? (
        <MessageBar intent="success" layout="multiline" role="status">
          <MessageBarBody>{saved.result.Changed ? `Saved as revision ${saved.result.Revision}.` : "Nothing was different: no revision was made."}</MessageBarBody>
        </MessageBar>
      ) : null}
      {ending.length > 0 && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{ending.map((p) => `${p.Name} goes back on ${when(p.Deadline?.Until)}`).join("; ")}.</MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}

/** Commands is the same change as lines to copy. */
function Commands({ saved }: { saved: Saved }) {
  const set = Object.entries(saved.change.Set ?? {});
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const double = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const sides = ["server", "client"].filter((side) => set.some(([name]) => name.startsWith(side + ".")));
  const shell = sides.map((side) => {
    const values = set.filter(([n]) => n.startsWith(side + ".")).map(([n, v]) => `${n.slice(side.length + 1)}=${/^[\w.]+$/.test(v) ? v : quote(v)}`);
    const c = saved.change;
    return ["signet config set", side, ...values, c.Reason ? `--reason ${quote(c.Reason)}` : "", c.Until ? "--for 4h" : "", c.ConfirmWithinSeconds ? "--confirm-within 10m" : "", c.Now ? "--now" : ""].filter(Boolean).join(" ");
  });
  const power = sides.map((side) => {
    const values = set.filter(([n]) => n.startsWith(side + ".")).map(([n, v]) => `-${n.slice(side.length + 1)} ${v === "True" || v === "False" ? "$" + v.toLowerCase() : /^\d+$/.test(v) ? v : double(v)}`);
    return `Set-Smb${side === "server" ? "Server" : "Client"}Configuration ${values.join(" ")} -Confirm:$false`;
  });
  return (
    <details className="commands" open>
      <summary>The same change as commands</summary>
      <Copy label="Command line" text={shell.join("\n")} />
      <Copy label="PowerShell, of the same setting on Windows" text={power.join("\n")} />
    </details>
  );
}

/** Copy is a text to take along. */
export function Copy({ label, text }: { label: string; text: string }) {
  const [done, setDone] = useState(false);
  return (
    <div className="copy">
      <span>{label}</span>
      <pre tabIndex={0} aria-label={label} role="region">
        {printable(text.replaceAll("\n", "\u0000")).replaceAll("\\u{0}", "\n")}
      </pre>
      <Button size="small" aria-label={`Copy: ${label}`} onClick={() => void navigator.clipboard?.writeText(text).then(() => setDone(true))}>
        {done ? "Copied" : "Copy"}
      </Button>
    </div>
  );
}
