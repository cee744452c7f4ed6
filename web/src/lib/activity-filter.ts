/** Which records are looked for: as it stands in the address, and as the node is asked. */
import { actions, actionWords } from "./actions";
import type { Filter } from "./record-pages.svelte";
import { words } from "./words";

/** The parts of the address that choose records. */
export const PARTS = ["who", "on", "action", "outcome", "policy", "since", "from", "to"] as const;

/** The value of `since` that lets days be chosen. */
export const DAYS = "days";

const OUTCOMES = ["allow", "mask", "hold", "deny"] as const;

/** The start of a day as people write it, where they are; so many days on. */
function startOf(day: string | null, on = 0): string | undefined {
  const [year, month, date] = (day ?? "").split("-").map(Number);
  if (!year || !month || !date) return undefined;
  const start = new Date(year, month - 1, date + on);
  return Number.isNaN(start.getTime()) ? undefined : start.toISOString();
}

export function filterOf(query: URLSearchParams, now: number): Filter {
  const filter: Filter = {};
  for (const part of ["who", "on", "action", "policy"] as const) {
    const text = query.get(part);
    if (text) filter[part] = text;
  }
  const outcome = OUTCOMES.find((one) => one === query.get("outcome"));
  if (outcome) filter.outcome = outcome;
  const hours = Number(query.get("since"));
  const since = hours > 0 ? new Date(now - hours * 3_600_000).toISOString() : startOf(query.get("from"));
  if (since) filter.since = since;
  // The last day counts as a whole.
  const until = hours > 0 ? undefined : startOf(query.get("to"), 1);
  if (until) filter.until = until;
  return filter;
}

/** What can be chosen of actions: all, a door's, or one. */
export function actionGroups() {
  return Object.entries(words.activity.doors)
    .filter(([door]) => door !== "")
    .map(([door, label]) => ({
      label,
      options: [{ value: door, label: words.activity.anything(label) }, ...actions.filter((one) => one.startsWith(door)).map((one) => ({ value: one, label: actionWords(one) }))],
    }));
}

export const outcomeOptions = () => [{ value: "", label: words.activity.any }, ...OUTCOMES.map((value) => ({ value, label: words.outcome[value] ?? value }))];
