import { Spinner } from "@fluentui/react-components";
import { useCallback } from "react";
import type { Status } from "../api/types";
import { useGet, useStream } from "../api/use";
import { Refused } from "../parts/Refused";
import { printable, when } from "../parts/text";
import { onLink } from "../shell/route";

/** Overview is the state of protection at a glance, as signet status has it. */
export default function Overview() {
  const { data: s, error, reload } = useGet<Status>("status");
  useStream("sessions/stream", useCallback(() => reload(), [reload]));
  return (
    <>
      <h1>Overview</h1>
      <Refused error={error} />
      {!s && !error && <Spinner label="Asking the server" />}
      {s && (
        <>
          <div className="tiles">
            <Tile title="SMB signing" value={s.Inbound === "Required" ? "Required" : "Not required"} bad={s.Inbound !== "Required"} href="/settings/file-shares" link="File shares" />
            <Tile title="Sessions that are neither signed nor encrypted now" value={`${s.UnsignedSessions} of ${s.Sessions.length}`} bad={s.UnsignedSessions > 0} href="/sessions" link="Sessions" />
            <Tile title="Guest access" value={s.Guest} bad={s.Guest === "On"} href="/settings/file-shares" link="File shares" />
            <Tile title="Encryption" value={s.Encryption} href="/settings/file-shares" link="File shares" />
            <Tile title="Signing of this host's own client" value={s.Outbound === "NotRequired" ? "Not required" : s.Outbound === "NoClient" ? "No client" : "Required"} bad={s.Outbound === "NotRequired"} href="/settings/smb-client" link="SMB client" />
            <Tile title="Wrong signatures in the last 24 hours" value={String(s.BadSignatures)} bad={s.BadSignatures > 0} href="/events?search=BadSignature" link="Events" />
            <Tile title="Exceptions in force" value={String(s.Exceptions.length)} bad={s.Exceptions.length > 0} href="/settings/rules" link="Rules and exceptions" />
            <Tile title="Dialects" value={s.Dialects.join(", ")} href="/settings/file-shares" link="File shares" />
          </div>
          {s.Exceptions.length > 0 && (
            <section className="card stack" aria-labelledby="exceptions">
              <h2 id="exceptions">What lowers protection, and until when</h2>
              <ul>
                {s.Exceptions.map((e) => (
                  <li key={e.Name}>
                    {printable(e.Name)}
                    {e.Until ? `, until ${when(e.Until)}` : ", without an end"}
                  </li>
                ))}
              </ul>
            </section>
          )}
          <section className="card stack" aria-labelledby="server">
            <h2 id="server">This server</h2>
            <dl>
              <dt>Version</dt>
              <dd>{printable(s.Version)}</dd>
              <dt>Serves SMB at</dt>
              <dd>{s.Listen.map(printable).join(", ")}</dd>
              <dt>Administration</dt>
              <dd>{printable(s.Administration ?? "")}</dd>
              <dt>Key of the accounts</dt>
              <dd>{printable(s.SecretsKey)}</dd>
            </dl>
          </section>
          <section className="card stack" aria-labelledby="set">
            <h2 id="set">What differs from the profile</h2>
            {s.Settings.length === 0 ? (
              <p>Nothing.</p>
            ) : (
              <ul>
                {s.Settings.map((p) => (
                  <li key={p.Name}>
                    {p.Weakens ? <strong>{p.Name}</strong> : p.Name}: {printable(p.Value)}, from {printable(p.Origin)}
                    {p.Weakens ? " (not recommended)" : ""}
                  </li>
                ))}
              </ul>
            )}
          </section>
          <section className="card stack" aria-labelledby="happened">
            <h2 id="happened">What happened in the last 24 hours</h2>
            {s.Events.length === 0 ? (
              <p>Nothing that is recorded.</p>
            ) : (
              <ul>
                {s.Events.map((e) => (
                  <li key={e.Channel + e.Name}>
                    <a href={`/events?search=${encodeURIComponent(e.Name)}`} onClick={onLink}>
                      {e.Name}
                    </a>
                    : {e.Count}
                  </li>
                ))}
              </ul>
            )}
          </section>
        </>
      )}
    </>
  );
}

/** Tile is one figure, with the page that has its evidence. */
function Tile({ title, value, bad, href, link }: { title: string; value: string; bad?: boolean; href: string; link: string }) {
  return (
    <section className="tile" aria-label={title}>
      <h2>{title}</h2>
      <p className={bad ? "big bad" : "big"}>{printable(value)}</p>
      <a href={href} onClick={onLink} aria-label={`${link}: ${title}`}>
        {link}
      </a>
    </section>
  );
}
