/** The ledger in windows: a bounded number of its records here at any time, fetched where they are looked at. */
import { lines, Refusal } from "./api/client";
import type { Line } from "./record";

/** Records of one fetch. */
const WINDOW = 200;
/** Windows that are kept. */
const KEPT = 60;
/** Records that are looked for by a filter. */
export const MOST = 2000;

export interface Filter {
  action?: string;
  who?: string;
  since?: string;
}

type Head = { origin: string; size: number };

async function* from(ask: object, signal?: AbortSignal): AsyncGenerator<Head | Line> {
  yield* lines<Head | Line>("/v1/ledger/show", ask, signal);
}

export class LedgerView {
  /** How many records there are, as far as is known. */
  size = $state(0);
  trouble = $state.raw<Refusal | undefined>();
  /** Grows when records came, for whoever shows them. */
  version = $state(0);
  /** What a filter found, the newest first; nothing without one. */
  found = $state.raw<Line[] | undefined>();
  asking = $state(false);
  #windows = new Map<number, Line[]>();
  #underway = new Set<number>();
  #search: AbortController | undefined;

  /** Asks how many there are. */
  async begin() {
    await this.#try(async () => {
      for await (const head of from({ limit: 0 })) {
        if ("size" in head) this.size = head.size;
      }
    });
  }

  /** The record of that number, where it is here. */
  at(index: number): Line | undefined {
    const first = Math.floor(index / WINDOW);
    return this.#windows.get(first)?.[index - first * WINDOW];
  }

  /** Has the records between two numbers fetched, where they are not here. */
  want(first: number, last: number) {
    for (let window = Math.floor(first / WINDOW); window <= Math.floor(last / WINDOW); window += 1) {
      const there = this.#windows.get(window);
      const whole = there && (there.length === WINDOW || window * WINDOW + there.length >= this.size);
      if (!whole && !this.#underway.has(window)) void this.#fetch(window);
    }
  }

  async #fetch(window: number) {
    this.#underway.add(window);
    const leave = new AbortController();
    const taken: Line[] = [];
    await this.#try(async () => {
      for await (const line of from({ from: window * WINDOW, limit: WINDOW }, leave.signal)) {
        if (!("index" in line)) continue;
        taken.push(line);
        if (taken.length === WINDOW) break;
      }
    });
    leave.abort();
    this.#underway.delete(window);
    this.#windows.delete(window);
    this.#windows.set(window, taken);
    for (const oldest of this.#windows.keys()) {
      if (this.#windows.size <= KEPT) break;
      this.#windows.delete(oldest);
    }
    this.version += 1;
  }

  /** Looks for the newest that fit; an empty filter shows all again. */
  async filter(filter: Filter | undefined) {
    this.#search?.abort();
    if (!filter) {
      this.found = undefined;
      return;
    }
    const search = new AbortController();
    this.#search = search;
    this.asking = true;
    await this.#try(async () => {
      const found: Line[] = [];
      for await (const line of from({ ...filter, limit: MOST }, search.signal)) {
        if ("index" in line) found.push(line);
      }
      if (!search.signal.aborted) this.found = found.reverse();
    });
    if (this.#search === search) this.asking = false;
  }

  async #try(what: () => Promise<void>) {
    try {
      await what();
      this.trouble = undefined;
    } catch (error) {
      if (error instanceof Refusal) this.trouble = error;
      else if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    }
  }
}
