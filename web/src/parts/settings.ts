import { createContext, useContext, useEffect, useMemo, useState } from "react";
import { get } from "../api/client";
import type { Explanation, Property, PropertyList } from "../api/types";
import { useGet } from "../api/use";

/** A draft of some properties, on top of what is in force. */
export interface Settings {
  list?: PropertyList;
  error?: Error;
  /** the property, or undefined if nothing reads one of that name here */
  property: (name: string) => Property | undefined;
  explanation: (name: string) => Explanation | undefined;
  value: (name: string) => string;
  set: (name: string, value: string) => void;
  /** what is not saved, by property */
  changes: { [name: string]: string };
  discard: (names?: string[]) => void;
  reload: () => void;
}

export const SettingsContext = createContext<Settings | undefined>(undefined);

export function useSettings(): Settings {
  const s = useContext(SettingsContext);
  if (!s) throw new Error("no settings around");
  return s;
}

/** useDraft asks for the configuration, and explains the properties named. */
export function useDraft(explained: string[]): Settings {
  const { data: list, error, reload } = useGet<PropertyList>("config");
  const [changes, setChanges] = useState<{ [name: string]: string }>({});
  const [explanations, setExplanations] = useState<{ [name: string]: Explanation }>({});
  const byName = useMemo(() => new Map((list?.Properties ?? []).filter((p) => p.State === "Works").map((p) => [`${p.Side}.${p.Name}`, p])), [list]);
  const wanted = explained.filter((name) => byName.has(name)).join(" ");

  useEffect(() => {
    let current = true;
    void Promise.all(
      wanted
        .split(" ")
        .filter(Boolean)
        .map((name) => get<Explanation>(`config/explain/${name}`).then((e) => [name, e] as const)),
    ).then(
      (all) => current && setExplanations(Object.fromEntries(all)),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [wanted, list]);

  const property = (name: string) => byName.get(name);
  return {
    list,
    error,
    property,
    explanation: (name) => explanations[name],
    value: (name) => changes[name] ?? property(name)?.Value ?? "",
    set: (name, value) =>
      setChanges((was) => {
        const { [name]: _, ...rest } = was;
        return value === property(name)?.Value ? rest : { ...rest, [name]: value };
      }),
    changes,
    discard: (names) => setChanges((was) => (names ? Object.fromEntries(Object.entries(was).filter(([n]) => !names.includes(n))) : {})),
    reload,
  };
}

/** Who holds a value, in words. */
export const layers: { [layer in Property["Layer"]]: string } = {
  Profile: "profile",
  File: "configuration file",
  Store: "local setting",
  GroupPolicy: "group policy",
  CommandLine: "command line",
  Machine: "policy of this machine",
  Floor: "floor of this machine",
};

/** When a change counts, in words. */
export const effects: { [when: string]: string } = {
  AtOnce: "at once",
  NextConnection: "at the next connection",
  NextSession: "at the next session",
  NextTreeConnect: "when a share is connected to next",
};
