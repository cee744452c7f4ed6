/** A company's list of people as it was given, line by line, beside what the node says that it would change. */
import type { Schemas } from "./api/client";

export const WHATS = ["new", "back", "moves", "leaving", "refused", "unchanged"] as const;
export type What = (typeof WHATS)[number];

/** What comes of one line. */
export interface Planned {
  line: number;
  name: string;
  what: What;
  joins: string[];
  leaves: string[];
  why?: string | undefined;
}

/** Lines of CSV (RFC 4180) as the node counts them: the heading is the first, and an empty line is none. */
export function recordsOf(csv: string): string[][] {
  const records: string[][] = [];
  let [record, field, isQuoted]: [string[], string, boolean] = [[], "", false];
  const end = () => {
    record.push(field.trim());
    if (record.length > 1 || record[0] !== "") records.push(record);
    [record, field] = [[], ""];
  };
  const text = csv.replace(/^\ufeff/, "");
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (isQuoted) {
      if (letter !== '"') field += letter;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else isQuoted = false;
    } else if (letter === '"' && field.trim() === "") [field, isQuoted] = ["", true];
    else if (letter === ",") {
      record.push(field.trim());
      field = "";
    } else if (letter === "\n" || letter === "\r") end();
    else field += letter;
  }
  end();
  return records;
}

/** Each line of the list with what comes of it. */
export function plannedOf(csv: string, told: Schemas["PeopleImported"]): Planned[] {
  const [heading = [], ...lines] = recordsOf(csv);
  const column = heading.findIndex((name) => name.toLowerCase() === "name");
  const [fresh, back, leaving] = [told.new, told.back, told.leaving].map((names) => new Set(names));
  const refused = new Map(told.refused.map(({ line, why }) => [line, why]));
  const groups = (moves: readonly Schemas["PersonMoved"][]) => {
    const found = new Map<string, string[]>();
    for (const { person, group } of moves) found.set(person, [...(found.get(person) ?? []), group]);
    return found;
  };
  const [joins, leaves] = [groups(told.joins), groups(told.leaves)];
  return lines.map((record, at): Planned => {
    const [line, name] = [at + 2, record[column] ?? ""];
    const why = refused.get(line);
    if (why !== undefined) return { line, name, what: "refused", joins: [], leaves: [], why };
    const moved = { line, name, joins: joins.get(name) ?? [], leaves: leaves.get(name) ?? [] };
    if (leaving?.has(name)) return { ...moved, what: "leaving" };
    if (fresh?.has(name)) return { ...moved, what: "new" };
    if (back?.has(name)) return { ...moved, what: "back" };
    return { ...moved, what: moved.joins.length + moved.leaves.length > 0 ? "moves" : "unchanged" };
  });
}

/** One of them as a flat row, for a file. */
export const rowOfPlanned = ({ line, name, what, joins, leaves, why }: Planned): object => ({ line, name, what, into: joins.join(" "), out_of: leaves.join(" "), why });
