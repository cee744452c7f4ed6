/** The keys of ledgers that this browser has seen: the first of a name is remembered, another one of that name is told. */

const STORED = "fanlight.ledger-keys";

type Known = { kind: "first" | "known" | "other"; since: string };

/** Whether this key is the one that was seen first under its ledger's name. */
export function knownKey(key: string, now: Date = new Date()): Known {
  const name = key.split("+")[0] ?? key;
  const keys = JSON.parse(localStorage.getItem(STORED) ?? "{}") as Record<string, { key: string; since: string } | undefined>;
  const seen = keys[name];
  if (seen) return { kind: seen.key === key ? "known" : "other", since: seen.since };
  const since = now.toISOString();
  localStorage.setItem(STORED, JSON.stringify({ ...keys, [name]: { key, since } }));
  return { kind: "first", since };
}
