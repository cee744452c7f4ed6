/** The ledger a page at a time: a bounded number of its records here, fetched where they are looked at, or found by a filter. */
import { api, got, Refusal, type Schemas } from "./api/client";
import type { Line } from "./record";

/** Records of one fetch: as many as a page may have. */
export const PAGE = 200;
/** Windows of the unfiltered record that are kept. */
const KEPT = 60;
/** Fetches at once. Whoever scrolls on has left what they scrolled past, so few are begun, and the newest wish first. */
const AT_ONCE = 2;
/** Records that go into one file. */
export const MOST_IN_A_FILE = 10_000;

export type Filter = Omit<Schemas["ActivityAsk"], "before" | "limit">;

export class RecordPages {
  /** How many records there are, as far as is known. */
  size = $state(0);
  trouble = $state.raw<Refusal | undefined>();
  asking = $state(false);
  /** What the filter found so far, the newest first; nothing without one. */
  found = $state.raw<readonly Line[] | undefined>();
  /** Before which record the search goes on; nothing where all was looked at. */
  next = $state<number | undefined>();
  /** Grows when records came, for whoever shows them. */
  version = $state(0);
  readonly isFiltered: boolean;
  #windows = new Map<number, (Line | undefined)[]>();
  /** Windows of which only some is here. */
  #partial = new Set<number>();
  #underway = new Set<number>();
  #wish: readonly [number, number] = [0, -1];
  #leave = new AbortController();

  constructor(readonly filter: Filter) {
    this.isFiltered = Object.keys(filter).length > 0;
  }

  /** Rows to show; one more where a search goes on. */
  get count() {
    return this.isFiltered ? (this.found?.length ?? 0) + (this.next === undefined ? 0 : 1) : this.size;
  }

  /** Begins with the newest, also anew. */
  async begin() {
    this.#leave.abort();
    this.#leave = new AbortController();
    if (this.isFiltered) this.asking = true;
    const came = await this.#page({ ...this.filter, limit: PAGE }, (page) => {
      this.size = page.size;
      const lines = page.lines as Line[];
      if (this.isFiltered) [this.found, this.next] = [lines, page.next ?? undefined];
      else this.#put(lines);
      this.version += 1;
    });
    if (this.isFiltered) this.asking = false;
    if (came && this.isFiltered) await this.more(PAGE / 2);
  }

  /** Shows the newest records at once; what of their windows is not here yet is fetched when it is looked at. */
  #put(lines: readonly Line[]) {
    this.#windows.clear();
    this.#partial.clear();
    for (const line of lines) {
      const window = Math.floor(line.index / PAGE);
      const taken = this.#windows.get(window) ?? new Array<Line | undefined>(Math.min(PAGE, this.size - window * PAGE));
      taken[line.index - window * PAGE] = line;
      this.#windows.set(window, taken);
    }
    for (const [window, taken] of this.#windows) if (taken.includes(undefined)) this.#partial.add(window);
  }

  /** Ends what is under way. */
  end() {
    this.#leave.abort();
  }

  /** The record of a row, the newest first, where it is here. */
  at(row: number): Line | undefined {
    if (this.found) return this.found[row];
    const index = this.size - 1 - row;
    const window = Math.floor(index / PAGE);
    return this.#windows.get(window)?.[index - window * PAGE];
  }

  /** Has the records of these rows fetched, where they are not here. */
  want(first: number, last: number) {
    if (this.isFiltered) {
      if (this.found && this.next !== undefined && last >= this.found.length - PAGE / 4) void this.more();
      return;
    }
    const newest = Math.floor((this.size - 1 - first) / PAGE);
    const oldest = Math.floor(Math.max(0, this.size - 1 - last) / PAGE);
    this.#wish = [oldest, newest];
    this.#fetchWished();
  }

  /** Searches on until a screenful came or all was looked at. */
  async more(enough = (this.found?.length ?? 0) + PAGE / 2) {
    if (this.asking) return;
    const { signal } = this.#leave;
    this.asking = true;
    while (this.next !== undefined && (this.found?.length ?? 0) < enough && !signal.aborted) {
      const came = await this.#page({ ...this.filter, before: this.next, limit: PAGE }, (page) => {
        this.found = [...(this.found ?? []), ...(page.lines as Line[])];
        this.next = page.next ?? undefined;
        this.version += 1;
      });
      if (!came) break;
    }
    this.asking = false;
  }

  /** All that fit, up to a bound, for a file; `told` hears how many came so far. */
  async all(told: (count: number) => void): Promise<{ lines: Line[]; isCut: boolean }> {
    const lines: Line[] = [];
    let before: number | undefined;
    do {
      const ask = { ...this.filter, limit: PAGE, ...(before === undefined ? {} : { before }) };
      const page = await got(api.POST("/v1/ledger/page", { body: ask }));
      lines.push(...(page.lines as Line[]));
      before = page.next ?? undefined;
      told(lines.length);
    } while (before !== undefined && lines.length < MOST_IN_A_FILE);
    return { lines: lines.slice(0, MOST_IN_A_FILE), isCut: before !== undefined };
  }

  #isWhole(window: number) {
    const there = this.#windows.get(window);
    return !!there && !this.#partial.has(window) && there.length >= Math.min(PAGE, this.size - window * PAGE);
  }

  #fetchWished() {
    const [oldest, newest] = this.#wish;
    for (let window = newest; window >= oldest && this.#underway.size < AT_ONCE; window -= 1) {
      if (!this.#isWhole(window) && !this.#underway.has(window)) void this.#fetch(window);
    }
  }

  async #fetch(window: number) {
    this.#underway.add(window);
    const start = window * PAGE;
    const taken: (Line | undefined)[] = new Array<undefined>(Math.min(PAGE, this.size - start));
    let before = start + taken.length;
    let came = true;
    // An answer may be short where the search took too long; the next one goes on.
    while (came && before > start) {
      came = await this.#page({ before, limit: before - start }, (page) => {
        for (const line of page.lines as Line[]) taken[line.index - start] = line;
        before = page.next ?? 0;
      });
    }
    this.#underway.delete(window);
    if (!came) return;
    this.#windows.delete(window);
    this.#partial.delete(window);
    this.#windows.set(window, taken);
    for (const oldest of this.#windows.keys()) {
      if (this.#windows.size <= KEPT) break;
      this.#windows.delete(oldest);
    }
    this.version += 1;
    this.#fetchWished();
  }

  async #page(body: Schemas["ActivityAsk"], take: (page: Schemas["ActivityPage"]) => void): Promise<boolean> {
    const { signal } = this.#leave;
    try {
      const page = await got(api.POST("/v1/ledger/page", { body, signal }));
      if (signal.aborted) return false;
      take(page);
      this.trouble = undefined;
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof Refusal)) throw error;
      this.trouble = error;
      return false;
    }
  }
}

/** The pages of the filter that was looked at last: who opens a record and comes back finds them as they were. */
let kept: { key: string; pages: RecordPages } | undefined;

export function pagesOf(key: string, filter: Filter): RecordPages {
  if (kept?.key === key) return kept.pages;
  kept?.pages.end();
  kept = { key, pages: new RecordPages(filter) };
  void kept.pages.begin();
  return kept.pages;
}
