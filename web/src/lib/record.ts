/** Records of the ledger as `docs/record.schema.json` has them, read into what the console shows. */
import type { Schemas } from "./api/client";
import { words } from "./words";

export interface LedgerRecord {
  time: string;
  node: string;
  request?: string;
  action: string;
  who: { kind: string; id?: string; device?: string; strength: string };
  on: { kind: string; id: string };
  facts?: Record<string, unknown>;
  decision: {
    outcome: string;
    policies: string[];
    reason?: string;
    advice?: string;
    until?: string;
    excepted?: { by: string[]; lifted: string[] };
  };
  epoch: { number: number; digest: string };
}

export type Line = Schemas["RecordLine"] & { record?: LedgerRecord };

/** Who did it, as far as it may be shown. */
export function whoOf({ record, opened }: Line): string {
  if (!record || record.who.kind === "unidentified") return words.activity.nobody;
  if (record.who.kind === "node") return words.activity.node;
  return opened?.person ?? record.who.id ?? words.activity.erased;
}

/** A line as one flat row, for a file. */
export function rowOf(line: Line): object {
  const { record } = line;
  if (!record) return { index: line.index, text: line.text };
  return {
    index: line.index,
    time: record.time,
    who: whoOf(line),
    machine: line.opened?.machine,
    action: record.action,
    on: record.on.id,
    outcome: record.decision.outcome,
    policies: record.decision.policies.join(" "),
    reason: record.decision.reason,
  };
}
