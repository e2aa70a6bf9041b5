/**
 * printable shows what a peer may have sent: what does not print, and what turns
 * the direction of writing, is spelled out.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** csv writes rows so that no spreadsheet computes anything of what is in them. */
export function csv(rows: string[][]): string {
  const cell = (text: string) => {
    const safe = printable(text);
    return `"${(/^\s*[=+\-@]/.test(safe) ? "'" + safe : safe).replaceAll('"', '""')}"`;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** download hands a text to the browser as a file. */
export function download(name: string, text: string, type = "text/csv;charset=utf-8") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** when writes a time of the API in the reader's own words. */
export function when(time: string | undefined): string {
  if (!time) return "";
  const t = new Date(time);
  return Number.isNaN(t.getTime()) ? "" : t.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** duration writes seconds as 2 h 5 min. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

/** clock writes seconds as 9:59. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}
