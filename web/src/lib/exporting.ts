/** A list as a file of one's own: CSV for spreadsheets, JSON for programs. */

/** What goes into a file: rows that are here, or a question that brings them together. */
export type Rows = readonly object[] | (() => Promise<readonly object[]>);

/** A value in one cell. What a spreadsheet would take for a formula is kept a text by a quote before it (OWASP, CSV injection). */
function cell(value: unknown): string {
  let text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  if (/^[=+\-@\t\r]/.test(text) && typeof value !== "number") text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180, with a head of every member that any row has. */
export function toCsv(rows: readonly object[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => names.map((name) => cell((row as Record<string, unknown>)[name])).join(","));
  return [names.map(cell).join(","), ...lines].map((line) => `${line}\r\n`).join("");
}

/** Gives a file to whoever is at the browser. */
export function save(name: string, type: string, text: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
