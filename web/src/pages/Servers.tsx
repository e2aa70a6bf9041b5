import { Button, Field, Input, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { call, tokenOf } from "../api/client";
import type { PeerList, PeerSettings, PropertyList, Status } from "../api/types";
import { useGet } from "../api/use";
import { Ask } from "../parts/Ask";
import { Grid, type Column } from "../parts/Grid";
import { Refused } from "../parts/Refused";
import { when } from "../parts/text";

/** What this browser remembers of another server. */
interface Known {
  name: string;
  url: string;
  /** its properties, as its signet config get --json told them; absent: never told */
  told?: { at: string; values: { [property: string]: string }; version?: string };
}

/** A row: this server, or another. */
interface Row extends Known {
  own: boolean;
  /** its name among the peers that this server may ask; absent: it may not */
  peer?: string;
  inbound: string;
  outbound: string;
  drift: string;
  version: string;
}

const key = "signet-servers";

function known(): Known[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? (kept as Known[]).filter((k) => typeof k.name === "string" && isAddress(k.url)) : [];
  } catch {
    return [];
  }
}

/** isAddress lets a link lead to a server's page and nowhere else. */
function isAddress(url: unknown): url is string {
  if (typeof url !== "string") return false;
  try {
    const u = new URL(url);
    return (u.protocol === "http:" || u.protocol === "https:") && u.username === "";
  } catch {
    return false;
  }
}

const word = (value: string | undefined) => (value === "True" ? "Required" : value === "False" ? "Not required" : "not told");

/** Servers lists this server and others, which the browser remembers. */
export default function Servers() {
  const status = useGet<Status>("status");
  const config = useGet<PropertyList>("config");
  const peers = useGet<PeerList>("peers");
  const [list, setList] = useState(known);
  // What peers told this server lives as long as the page.
  const [asked, setAsked] = useState<{ [peer: string]: Known["told"] }>({});
  const [open, setOpen] = useState<{ what: "add" | "tell" | "ask" | "remove"; server?: Known; peer?: string }>();
  const keep = (next: Known[]) => {
    localStorage.setItem(key, JSON.stringify(next));
    setList(next);
  };
  const own = Object.fromEntries((config.data?.Properties ?? []).filter((p) => p.State === "Works").map((p) => [`${p.Side}.${p.Name}`, p.Value]));
  const differing = (values: { [p: string]: string }) => Object.keys(own).filter((p) => p in values && values[p] !== own[p]);
  const rows: Row[] = [
    {
      own: true,
      name: "This server",
      url: location.origin,
      inbound: status.data ? (status.data.Inbound === "Required" ? "Required" : "Not required") : "",
      outbound: status.data ? (status.data.Outbound === "Required" ? "Required" : "Not required") : "",
      drift: "",
      version: status.data?.Version ?? "",
    },
    ...[...(peers.data?.Peers ?? []).map((p): Known & { peer?: string } => ({ name: p.Name, url: `smb://${p.Name}`, told: asked[p.Name], peer: p.Name })), ...list].map((k: Known & { peer?: string }) => {
      const differ = k.told ? differing(k.told.values) : [];
      return {
        ...k,
        own: false,
        inbound: word(k.told?.values["server.RequireSecuritySignature"]),
        outbound: word(k.told?.values["client.RequireSecuritySignature"]),
        drift: !k.told ? "not told" : differ.length === 0 ? `none, on ${when(k.told.at)}` : `${differ.length} differ, on ${when(k.told.at)}: ${differ.join(", ")}`,
        version: k.told?.version ?? "not told",
      };
    }),
  ];
  const columns: Column<Row>[] = [
    {
      name: "Name",
      value: (r) => r.name,
      width: 160,
      show: (r) =>
        r.own || r.peer ? (
          <strong>{r.name}</strong>
        ) : (
          <a href={r.url} target="_blank" rel="noopener noreferrer">
            {r.name}
          </a>
        ),
    },
    { name: "Address", value: (r) => r.url, width: 220 },
    { name: "Signing in", value: (r) => r.inbound, width: 120, filter: true },
    { name: "Signing out", value: (r) => r.outbound, width: 120, filter: true },
    { name: "Version", value: (r) => r.version, width: 140 },
    { name: "Drift from this server", value: (r) => r.drift, width: 320 },
    {
      name: "Actions",
      hands: true,
      value: () => "",
      width: 180,
      show: (r) =>
        r.own ? null : r.peer ? (
          <Button size="small" aria-label={`Ask ${r.name}`} onClick={() => setOpen({ what: "ask", peer: r.peer })}>
            Ask
          </Button>
        ) : (
          <span className="actions">
            <Button size="small" aria-label={`Compare ${r.name}`} onClick={() => setOpen({ what: "tell", server: r })}>
              Compare
            </Button>
            <Button size="small" aria-label={`Forget ${r.name}`} onClick={() => setOpen({ what: "remove", server: r })}>
              Forget
            </Button>
          </span>
        ),
    },
  ];
  return (
    <>
      <h1>Servers</h1>
      <p className="intro">This page asks no other server: it may load from its own alone, and each server refuses the pages of others. The servers that its configuration names as peers, this server asks by their registry, with the account that you give for it; it keeps neither password nor answer. This browser remembers names and addresses; a token signs in at the other server, in a tab of its own, and is not kept. What is shown of those is what you have pasted, with its date.</p>
      <Refused error={status.error ?? config.error ?? peers.error} />
      <Grid
        name="Servers"
        columns={columns}
        rows={status.data && config.data && peers.data ? rows : undefined}
        id={(r) => r.url + r.own}
        empty=""
        tools={
          <Button appearance="primary" onClick={() => setOpen({ what: "add" })}>
            Add server
          </Button>
        }
      />
      {open?.what === "add" && <Add close={(made) => (setOpen(undefined), made && keep([...list.filter((k) => k.url !== made.url), made]))} />}
      {open?.what === "tell" && open.server && <Tell server={open.server} close={(told) => (setOpen(undefined), told && keep(list.map((k) => (k.url === open.server?.url ? { ...k, told } : k))))} />}
      {open?.what === "ask" && open.peer && <AskPeer peer={open.peer} close={(told) => (setOpen(undefined), told && open.peer && setAsked({ ...asked, [open.peer]: told }))} />}
      {open?.what === "remove" && open.server && (
        <Ask title={`Forget ${open.server.name}?`} verb="Forget" act={async () => keep(list.filter((k) => k.url !== open.server?.url))} close={() => setOpen(undefined)}>
          <p>The server itself stays as it is.</p>
        </Ask>
      )}
    </>
  );
}

function Add({ close }: { close: (made?: Known) => void }) {
  const [name, setName] = useState("");
  const [link, setLink] = useState("");
  const token = tokenOf(link);
  const act = async () => {
    const url = new URL(link.trim());
    // The token goes where it belongs, and is kept nowhere.
    if (token) open(`${url.origin}/#token=${encodeURIComponent(token)}`, "_blank", "noopener,noreferrer");
    close({ name: name.trim() || url.host, url: url.origin });
  };
  return (
    <Ask title="Add a server" verb={token ? "Add and sign in" : "Add"} ready={isAddress(link.trim())} act={act} close={(done) => !done && close()}>
      <Field label="Address, or a link of its signet admin link" required hint="https://nas.example:8445, with or without #token=...">
        <Input value={link} onChange={(_, d) => setLink(d.value)} autoComplete="off" />
      </Field>
      <Field label="Name">
        <Input value={name} onChange={(_, d) => setName(d.value)} />
      </Field>
    </Ask>
  );
}

function AskPeer({ peer, close }: { peer: string; close: (told?: Known["told"]) => void }) {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const act = async () => {
    const told = await call<PeerSettings>("POST", `peers/${encodeURIComponent(peer)}/settings`, { User: user.trim(), Password: password });
    close({ at: told.At, values: Object.fromEntries(told.Properties.map((p) => [`${p.Side}.${p.Name}`, p.Value])) });
  };
  return (
    <Ask title={`Ask ${peer}`} verb="Ask" ready={user.trim() !== "" && password !== ""} act={act} close={(done) => !done && close()}>
      <p>This server signs in there, signed or encrypted, and reads the registry. It keeps neither the password nor the answer.</p>
      <Field label="Account there" required hint={"NAME or DOMAIN\\NAME; it may read the registry"}>
        <Input value={user} onChange={(_, d) => setUser(d.value)} autoComplete="off" />
      </Field>
      <Field label="Password" required>
        <Input type="password" value={password} onChange={(_, d) => setPassword(d.value)} autoComplete="off" />
      </Field>
    </Ask>
  );
}

function Tell({ server, close }: { server: Known; close: (told?: Known["told"]) => void }) {
  const [text, setText] = useState("");
  const values = valuesIn(text);
  return (
    <Ask
      title={`Compare ${server.name}`}
      verb="Compare"
      ready={values !== undefined}
      act={async () => close({ at: new Date().toISOString(), values: values ?? {} })}
      close={(done) => !done && close()}
    >
      <Field label="What signet config get --all --json prints there" validationMessage={text !== "" && !values ? "This is not what it prints." : undefined}>
        <Textarea value={text} rows={8} onChange={(_, d) => setText(d.value)} />
      </Field>
    </Ask>
  );
}

/** valuesIn reads what signet config get --json prints; undefined if it is something else. */
function valuesIn(text: string): { [property: string]: string } | undefined {
  try {
    const told = JSON.parse(text) as Partial<PropertyList>;
    const list = told.Properties;
    if (!Array.isArray(list)) return undefined;
    return Object.fromEntries(list.map((p) => [`${p.Side}.${p.Name}`, String(p.Value)]));
  } catch {
    return undefined;
  }
}
