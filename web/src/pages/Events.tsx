import { Button, Field, Input } from "@fluentui/react-components";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, get } from "../api/client";
import type { EventList, Record as Event } from "../api/types";
import { useStream } from "../api/use";
import { Grid, type Column } from "../parts/Grid";
import { Refused } from "../parts/Refused";
import { when } from "../parts/text";
import { useRoute } from "../shell/route";

/** keep is how many events are shown at most: the last ones. */
const keep = 10_000;

const detail = (e: Event) =>
  [
    e.Share && `share ${e.Share}`,
    e.Object,
    e.Property && `${e.Property}: ${e.Old ?? "none"} → ${e.New ?? "none"}`,
    e.Command,
    e.Status,
    e.Reason,
    e.Means && `by way of ${e.Means}`,
  ]
    .filter(Boolean)
    .join(", ");

const columns: Column<Event>[] = [
  { name: "Record", value: (e) => e.Sequence, width: 80 },
  { name: "Time", value: (e) => e.LastTime, show: (e) => when(e.LastTime), width: 180 },
  { name: "Level", value: (e) => e.Level, width: 100, filter: true },
  { name: "Channel", value: (e) => e.Channel, width: 170, filter: true },
  { name: "Id", value: (e) => e.Id, width: 60 },
  { name: "Event", value: (e) => e.Name, width: 200, filter: true },
  { name: "Times", value: (e) => e.Count, width: 70 },
  { name: "Client", value: (e) => e.Client ?? "", width: 150 },
  { name: "User", value: (e) => e.User ?? "", width: 120 },
  { name: "What", value: detail, width: 320 },
];

/** Events is the log, and what comes. */
export default function Events() {
  const route = useRoute();
  const [client, setClient] = useState(route.searchParams.get("client") ?? "");
  const [filter, setFilter] = useState(client);
  const [rows, setRows] = useState<Event[]>();
  const [error, setError] = useState<ApiError>();
  const waiting = useRef<Event[]>([]);
  const [turn, setTurn] = useState(0);
  const query = filter ? `client=${encodeURIComponent(filter)}` : "";

  // The log is read from a month ago on, page by page; what comes meanwhile
  // waits. Of a record that comes twice the later counts.
  useEffect(() => {
    let current = true;
    const read = async () => {
      const since = new Date(Date.now() - 30 * 86400_000).toISOString();
      let all: Event[] = [];
      for (let after = 0; current; ) {
        const page = await get<EventList>(`events?since=${encodeURIComponent(since)}&after=${after}${query && "&" + query}`);
        all = all.concat(page.Events).slice(-keep);
        after = page.Through;
        if (!page.More) break;
      }
      if (current) setRows(unique(all.concat(waiting.current)));
    };
    setRows(undefined);
    setError(undefined);
    read().catch((e: ApiError) => current && setError(e));
    return () => {
      current = false;
      waiting.current = [];
    };
  }, [query, turn]);

  const live = useStream(
    "events/stream" + (query && "?" + query),
    useCallback((data: string) => {
      const event = JSON.parse(data) as Event;
      setRows((was) => {
        if (was) return unique(was.concat(event)).slice(-keep);
        waiting.current.push(event);
        return was;
      });
    }, []),
    useCallback(() => setTurn((n) => n + 1), []),
  );
  return (
    <>
      <h1>Events</h1>
      <p className="intro">The log of the last 30 days, at most {keep.toLocaleString()} records of it{live ? ", and what happens now" : ""}. signet event export has all of it.</p>
      <Refused error={error} />
      <form
        className="side-by-side"
        onSubmit={(e) => {
          e.preventDefault();
          setFilter(client.trim());
        }}
      >
        <Field label="Only of this client" hint="An address, or a network">
          <Input value={client} onChange={(_, d) => setClient(d.value)} />
        </Field>
        <Button type="submit" className="below">
          Show
        </Button>
      </form>
      <Grid name="Events" columns={columns} rows={rows} id={(e) => String(e.Sequence)} empty="Nothing is recorded." sortBy={{ column: "Record", down: true }} search={route.searchParams.get("search") ?? ""} />
    </>
  );
}

const unique = (all: Event[]) => [...new Map(all.map((e) => [e.Sequence, e])).values()];
