import { Field, Select, Spinner } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import { ApiError, call } from "../api/client";
import type { ForeseenDevice, WhatIf } from "../api/types";
import { onLink } from "../shell/route";
import { Grid, type Column } from "./Grid";
import { Refused } from "./Refused";
import { printable, when } from "./text";

/** Verdicts in words. */
const verdicts: { [verdict in ForeseenDevice["Verdict"]]: string } = {
  WillBeRefused: "Will be refused",
  HasSigned: "Has signed",
  ShouldSign: "Should sign",
  NotSeen: "Not seen",
};

const verdict = (d: ForeseenDevice) => verdicts[d.Verdict] + (d.Verdict === "HasSigned" ? ` (${when(d.LastSigned ?? d.LastEncrypted)})` : "");

const columns: Column<ForeseenDevice>[] = [
  { name: "Device", value: (d) => (d.ClientName ? `${d.ClientName} (${d.Device})` : d.Device), width: 170 },
  { name: "Account", value: (d) => d.Account || d.Identity },
  { name: "Last seen", value: (d) => d.LastSeen, show: (d) => when(d.LastSeen), width: 170 },
  { name: "Dialect", value: (d) => d.Dialect, width: 70, filter: true },
  { name: "Verdict", value: (d) => verdicts[d.Verdict], show: (d) => (d.Verdict === "WillBeRefused" ? <strong className="bad">{verdict(d)}</strong> : verdict(d)), width: 140, filter: true },
  { name: "Why", value: (d) => `${d.Why}${d.Rule ? ` (${d.Rule}, ${d.Section})` : ""}`, width: 320 },
  {
    name: "Evidence",
    value: (d) => `first seen ${d.FirstSeen}; ${d.Advertised ? "says that it can sign" : "does not say that it can sign"}; signed ${d.LastSigned ?? "never"}; encrypted ${d.LastEncrypted ?? "never"}; failed ${d.LastFailed ?? "never"}`,
    show: (d) => (
      <a href={`/events?client=${encodeURIComponent(d.Device)}`} onClick={onLink}>
        Records of {d.Device}
      </a>
    ),
    width: 190,
  },
  { name: "Do this", value: (d) => d.Do, width: 280 },
  {
    name: "Actions",
    hands: true,
    value: () => "",
    width: 280,
    show: (d) => (
      <span className="actions">
        <a href={`/settings/rules?new=exception&address=${encodeURIComponent(d.Device)}&account=${encodeURIComponent(d.Account)}`} onClick={onLink}>
          Add exception
        </a>{" "}
        <a href={`/settings/rules?new=require&address=${encodeURIComponent(d.Device)}&account=${encodeURIComponent(d.Account)}`} onClick={onLink}>
          Require it for this device now
        </a>
      </span>
    ),
  },
];

/** WhoBreaks says whom a change would shut out, from the sessions seen. */
export function WhoBreaks({ change }: { change: { [name: string]: string } }) {
  const [days, setDays] = useState(14);
  const [seen, setSeen] = useState<WhatIf>();
  const [error, setError] = useState<ApiError>();
  const set = JSON.stringify(change);
  useEffect(() => {
    let current = true;
    call<WhatIf>("POST", "config/what-if", { Set: JSON.parse(set) as { [name: string]: string }, Days: days }).then(
      (w) => current && setSeen(w),
      (e: ApiError) => current && setError(e),
    );
    return () => {
      current = false;
    };
  }, [set, days]);
  return (
    <section className="stack" aria-labelledby="who-breaks">
      <h3 id="who-breaks">Who breaks</h3>
      <Refused error={error} />
      {!seen && !error && <Spinner size="tiny" label="Looking at the sessions seen" />}
      {seen && (
        <>
          <p>
            From {days} days of sessions, {when(seen.From)} to {when(seen.To)}, {seen.Gaps.length === 0 ? "no gaps" : seen.Gaps.length === 1 ? "one gap" : `${seen.Gaps.length} gaps`}. {seen.DevicesSeen} {seen.DevicesSeen === 1 ? "device" : "devices"} seen: <strong>{seen.WillBeRefused} will be refused</strong>,{" "}
            {seen.HasSigned} have signed before, {seen.ShouldSign} say they can but never had to, of {seen.NotSeen} nothing seen tells. <em>Devices that did not connect in this time are not in this list.</em>
          </p>
          {seen.Gaps.length > 0 && (
            <ul>
              {seen.Gaps.slice(0, 10).map((g) => (
                <li key={g.From}>
                  Nothing was recorded from {printable(when(g.From))} to {printable(when(g.To))}.
                </li>
              ))}
            </ul>
          )}
          <Grid name="Who breaks" columns={columns} rows={seen.Devices} id={(d) => `${d.Device} ${d.Account} ${d.Identity}`} empty="No device was seen in this time." />
        </>
      )}
      <Field label="Days to look back" className="days">
        <Select value={String(days)} onChange={(_, d) => setDays(Number(d.value))}>
          {[1, 7, 14, 30, 90].map((n) => (
            <option key={n}>{n}</option>
          ))}
        </Select>
      </Field>
    </section>
  );
}
