import { Button, Checkbox, Field, Input, Radio, RadioGroup, Select, SpinButton, Switch } from "@fluentui/react-components";
import { ArrowDownRegular, ArrowUpRegular } from "@fluentui/react-icons";
import { useId, type ReactNode } from "react";
import { useMay } from "../shell/context";
import { onLink } from "../shell/route";
import { effects, layers, useSettings } from "./settings";
import { printable, when } from "./text";

/** Words for the values of a property. */
export type Words = { value: string; label: string; help?: string }[];

export const onOff: Words = [
  { value: "True", label: "On" },
  { value: "False", label: "Off" },
];

/** Setting is a property, or a few that belong together, with its help and where its value is from. */
export function Setting({ title, help, names, words, events, more, children }: { title: string; help: ReactNode; names: string[]; words?: Words; events?: string; more?: ReactNode; children: ReactNode }) {
  const s = useSettings();
  const id = useId();
  const there = names.filter((name) => s.property(name));
  if (there.length === 0) return null;
  return (
    <section className="setting" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className="help">{help}</p>
      {children}
      {there.map((name) => (
        <InForce key={name} name={name} label={there.length > 1 ? name.slice(name.indexOf(".") + 1) : undefined} words={words} more={name === there[0] ? more : undefined} />
      ))}
      {events && (
        <p className="links">
          <a href={events} onClick={onLink}>
            Events of {title}
          </a>
        </p>
      )}
    </section>
  );
}

/** InForce says what counts now, who decided so, and when a change would count. */
function InForce({ name, label, words, more }: { name: string; label?: string; words?: Words; more?: ReactNode }) {
  const s = useSettings();
  const p = s.property(name);
  const e = s.explanation(name);
  if (!p) return null;
  const value = words?.find((w) => w.value === p.Value)?.label ?? (p.Value === "" ? "none" : p.Value);
  const changed = p.Layer === "Store" ? e?.Changed : undefined;
  return (
    <p className="in-force">
      {label ? `${label}, in force: ` : "In force: "}
      <strong>{printable(value)}</strong>, from <em>{layers[p.Layer]}</em>
      {p.Layer === "Profile" ? ` ${printable(p.Source)}` : p.Layer === "Store" ? "" : ` (${printable(p.Source)})`}
      {changed ? `, by ${printable(changed.By)} on ${when(changed.At)}${changed.Reason ? `: "${printable(changed.Reason)}"` : ""}` : ""}. Takes effect {effects[p.TakesEffect] ?? p.TakesEffect}.{more && <> {more}</>}
      {e && e.Section !== "local" ? <span className="section"> {printable(e.Section)}</span> : null}
    </p>
  );
}

// Each control says by data-property which property it changes.

/** Choice is a property of a few values, side by side. */
export function Choice({ name, label, words }: { name: string; label: string; words: Words }) {
  const s = useSettings();
  const may = useMay();
  return (
    <RadioGroup data-property={name} layout="horizontal" aria-label={label} value={s.value(name)} disabled={!may.change} onChange={(_, d) => s.set(name, d.value)}>
      {words.map((w) => (
        <Radio key={w.value} value={w.value} label={w.label} />
      ))}
    </RadioGroup>
  );
}

/** OnOff is a property that is True or False. */
export function OnOff({ name, label }: { name: string; label: string }) {
  const s = useSettings();
  const may = useMay();
  if (!s.property(name)) return null;
  return <Switch data-property={name} label={label} checked={s.value(name) === "True"} disabled={!may.change} onChange={(_, d) => s.set(name, d.checked ? "True" : "False")} />;
}

/** Tick is OnOff as a box, for what goes with something else. */
export function Tick({ name, label }: { name: string; label: string }) {
  const s = useSettings();
  const may = useMay();
  if (!s.property(name)) return null;
  return <Checkbox data-property={name} label={label} checked={s.value(name) === "True"} disabled={!may.change} onChange={(_, d) => s.set(name, d.checked === true ? "True" : "False")} />;
}

/** Pick is a property of several values, in a list. */
export function Pick({ name, label, words }: { name: string; label: string; words: Words }) {
  const s = useSettings();
  const may = useMay();
  if (!s.property(name)) return null;
  return (
    <Field label={label} hint={words.find((w) => w.value === s.value(name))?.help}>
      <Select data-property={name} value={s.value(name)} disabled={!may.change} onChange={(_, d) => s.set(name, d.value)}>
        {words.map((w) => (
          <option key={w.value} value={w.value}>
            {w.label}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** Amount is a number in a range. */
export function Amount({ name, label, min, max, step }: { name: string; label: string; min: number; max: number; step: number }) {
  const s = useSettings();
  const may = useMay();
  if (!s.property(name)) return null;
  return (
    <Field label={label} hint={`${min} to ${max}${step > 1 ? `, in steps of ${step}` : ""}`}>
      <SpinButton
        data-property={name}
        value={Number(s.value(name))}
        min={min}
        max={max}
        step={step}
        disabled={!may.change}
        onChange={(_, d) => {
          const asked = d.value ?? Number(d.displayValue);
          if (Number.isFinite(asked)) s.set(name, String(Math.min(max, Math.max(min, Math.round(asked / step) * step))));
        }}
      />
    </Field>
  );
}

/** Line is a property that is a text, or a list with commas. */
export function Line({ name, label, hint }: { name: string; label: string; hint?: string }) {
  const s = useSettings();
  const may = useMay();
  if (!s.property(name)) return null;
  return (
    <Field label={label} hint={hint}>
      <Input data-property={name} value={s.value(name)} disabled={!may.change} onChange={(_, d) => s.set(name, d.value)} />
    </Field>
  );
}

/** Order is a list whose members can be left out and put in another order. */
export function Order({ name, label, all }: { name: string; label: string; all: string[] }) {
  const s = useSettings();
  const may = useMay();
  if (!s.property(name)) return null;
  const chosen = s
    .value(name)
    .split(",")
    .map((c) => c.trim())
    .filter(Boolean);
  const put = (list: string[]) => s.set(name, list.join(", "));
  const move = (i: number, by: number) => {
    const list = [...chosen];
    const [one] = list.splice(i, 1);
    if (one) list.splice(i + by, 0, one);
    put(list);
  };
  return (
    <ol data-property={name} className="order" aria-label={label}>
      {[...chosen, ...all.filter((c) => !chosen.includes(c))].map((c) => {
        const i = chosen.indexOf(c);
        return (
          <li key={c}>
            <Checkbox label={c} checked={i >= 0} disabled={!may.change} onChange={(_, d) => put(d.checked === true ? [...chosen, c] : chosen.filter((other) => other !== c))} />
            <Button size="small" appearance="subtle" icon={<ArrowUpRegular />} aria-label={`${c} earlier`} disabled={!may.change || i <= 0} onClick={() => move(i, -1)} />
            <Button size="small" appearance="subtle" icon={<ArrowDownRegular />} aria-label={`${c} later`} disabled={!may.change || i < 0 || i === chosen.length - 1} onClick={() => move(i, 1)} />
          </li>
        );
      })}
    </ol>
  );
}
