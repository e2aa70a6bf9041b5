import { Button, Dropdown, Input, Option } from "@fluentui/react-components";
import { ArrowDownloadRegular, ArrowSortDownRegular, ArrowSortUpRegular, SearchRegular } from "@fluentui/react-icons";
import { useMemo, useState, type ReactNode } from "react";
import { csv, download, printable } from "./text";

/** One column. What value returns is searched, sorted, filtered and exported. */
export interface Column<R> {
  name: string;
  value: (row: R) => string | number;
  show?: (row: R) => ReactNode;
  /** width in pixels at least */
  width?: number;
  /** whether there is a list to filter by its values */
  filter?: boolean;
  /** whether it is for hands: neither sorted nor exported */
  hands?: boolean;
}

const rowHeight = 40;
const maxHeight = 560;
const spare = 8; // rows drawn beyond either edge

/** Grid shows rows, and of many only those that can be seen. */
export function Grid<R>({ name, columns, rows, id, empty, tools, sortBy, search: searched = "" }: { name: string; columns: Column<R>[]; rows: R[] | undefined; id: (row: R) => string; empty: string; tools?: ReactNode; sortBy?: { column: string; down: boolean }; search?: string }) {
  const [search, setSearch] = useState(searched);
  const [filters, setFilters] = useState<{ [column: string]: string }>({});
  const [sort, setSort] = useState(sortBy);
  const [top, setTop] = useState(0);

  const wanted = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = (rows ?? []).filter((row) => {
      for (const c of columns) if (filters[c.name] && String(c.value(row)) !== filters[c.name]) return false;
      if (words.length === 0) return true;
      const text = columns.map((c) => c.value(row)).join("\n").toLowerCase();
      return words.every((w) => text.includes(w));
    });
    const by = columns.find((c) => c.name === sort?.column);
    if (!by || !sort) return kept;
    const keyed = kept.map((row, i) => ({ row, i, key: by.value(row) }));
    keyed.sort((a, b) => {
      const order = typeof a.key === "number" && typeof b.key === "number" ? a.key - b.key : collator.compare(String(a.key), String(b.key));
      return (sort.down ? -order : order) || a.i - b.i;
    });
    return keyed.map((k) => k.row);
  }, [rows, columns, search, filters, sort]);

  const height = Math.min(maxHeight, Math.max(1, wanted.length) * rowHeight + rowHeight + 2);
  const from = Math.max(0, Math.min(Math.floor(top / rowHeight), wanted.length) - spare);
  const until = Math.min(wanted.length, from + Math.ceil(maxHeight / rowHeight) + 2 * spare);
  const data = columns.filter((c) => !c.hands);

  return (
    <section className="grid" aria-label={name}>
      <div className="tools">
        {tools}
        <Input className="search" value={search} onChange={(_, d) => setSearch(d.value)} contentBefore={<SearchRegular />} placeholder="Search" aria-label={`Search ${name}`} type="search" />
        {columns
          .filter((c) => c.filter)
          .map((c) => {
            const values = [...new Set((rows ?? []).map((r) => String(c.value(r))))].sort(collator.compare).slice(0, 200);
            return (
              <Dropdown key={c.name} className="filter" aria-label={`Filter by ${c.name}`} value={filters[c.name] ? printable(filters[c.name] ?? "") : `${c.name}: all`} selectedOptions={[filters[c.name] ?? ""]} onOptionSelect={(_, d) => setFilters({ ...filters, [c.name]: d.optionValue ?? "" })}>
                <Option value="">{`${c.name}: all`}</Option>
                {values.filter(Boolean).map((v) => (
                  <Option key={v} value={v}>
                    {printable(v)}
                  </Option>
                ))}
              </Dropdown>
            );
          })}
        <Button icon={<ArrowDownloadRegular />} disabled={wanted.length === 0} onClick={() => download(`${name.toLowerCase().replaceAll(" ", "-")}.csv`, csv([data.map((c) => c.name), ...wanted.map((row) => data.map((c) => String(c.value(row))))]))}>
          Export CSV
        </Button>
        <span className="count" role="status">
          {rows === undefined ? "Loading" : wanted.length === rows.length ? `${rows.length} ${rows.length === 1 ? "row" : "rows"}` : `${wanted.length} of ${rows.length} rows`}
        </span>
      </div>
      <div className="scroll" style={{ height }} tabIndex={0} role="region" aria-label={`${name}, rows`} onScroll={(e) => setTop(e.currentTarget.scrollTop)}>
        <table aria-rowcount={wanted.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((c) => {
                const down = sort?.column === c.name ? sort.down : undefined;
                return (
                  <th key={c.name} scope="col" style={{ minWidth: c.width ?? 120 }} aria-sort={down === undefined ? undefined : down ? "descending" : "ascending"}>
                    {c.hands ? (
                      <span className="head">{c.name}</span>
                    ) : (
                      <button type="button" className="head" onClick={() => setSort({ column: c.name, down: down === false })}>
                        {c.name}
                        {down === undefined ? null : down ? <ArrowSortDownRegular aria-hidden /> : <ArrowSortUpRegular aria-hidden />}
                      </button>
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {from > 0 && (
              <tr aria-hidden style={{ height: from * rowHeight }}>
                <td colSpan={columns.length} />
              </tr>
            )}
            {wanted.slice(from, until).map((row, i) => (
              <tr key={id(row)} aria-rowindex={from + i + 2}>
                {columns.map((c) => (
                  <td key={c.name} title={c.hands ? undefined : printable(String(c.value(row)))}>
                    {c.show ? c.show(row) : printable(String(c.value(row)))}
                  </td>
                ))}
              </tr>
            ))}
            {until < wanted.length && (
              <tr aria-hidden style={{ height: (wanted.length - until) * rowHeight }}>
                <td colSpan={columns.length} />
              </tr>
            )}
            {rows !== undefined && wanted.length === 0 && (
              <tr>
                <td colSpan={columns.length} className="quiet">
                  {rows.length === 0 ? empty : "Nothing matches."}
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const collator = new Intl.Collator(undefined, { numeric: true });
