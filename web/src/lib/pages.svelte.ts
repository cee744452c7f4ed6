/** A list of the node's, a page at a time: what came so far, whether there is more, and what went wrong. */
import { Refusal } from "./api/client";

/** Rows that a list begins with, and that come with each step on. */
export const FEW = 100;
/** Rows of one answer, where most are passed over or all are wanted: as many as the node gives at once. */
const MANY = 1000;
/** Rows that go into one file. */
export const MOST_IN_A_FILE = 100_000;

interface Part {
  limit: number;
  after?: string;
}

interface Came<T> {
  rows: readonly T[];
  next?: string | null | undefined;
}

export interface Question<T> {
  /** Asks the node for a part of the list. */
  ask: (part: Part) => Promise<Came<T>>;
  /** Which of it is shown, where the node cannot tell. */
  fits?: ((row: T) => boolean) | undefined;
}

export class Pages<T> {
  /** What is shown; nothing before the first answer. */
  rows = $state.raw<readonly T[] | undefined>();
  /** After which row it goes on; nothing where all of it is here. */
  next = $state<string | undefined>();
  trouble = $state.raw<Refusal | undefined>();
  asking = $state(false);
  #question: Question<T> | undefined;
  #turn = 0;

  /** Begins with a question. What is there stays until its answer comes; of two questions the later one counts. */
  async begin(question: Question<T>) {
    this.#question = question;
    await this.#take([], undefined, FEW, true);
  }

  /** Asks again for as much as is shown. */
  async again() {
    await this.#take([], undefined, Math.max(FEW, this.rows?.length ?? 0), false);
  }

  /** Goes on where it stopped. */
  async more() {
    if (this.next === undefined || this.asking) return;
    const rows = this.rows ?? [];
    await this.#take(rows, this.next, rows.length + FEW, true);
  }

  /** All of it, up to a bound, for a file. */
  async all(): Promise<readonly T[]> {
    const question = this.#question;
    if (!question) return [];
    const rows: T[] = [];
    let after: string | undefined;
    do {
      const came = await question.ask({ limit: MANY, ...(after === undefined ? {} : { after }) });
      rows.push(...(question.fits ? came.rows.filter(question.fits) : came.rows));
      after = came.next ?? undefined;
    } while (after !== undefined && rows.length < MOST_IN_A_FILE);
    return rows.slice(0, MOST_IN_A_FILE);
  }

  /** Asks until there are so many rows, or no more; `shows` what came so far while it goes on. */
  async #take(before: readonly T[], from: string | undefined, least: number, shows: boolean) {
    const question = this.#question;
    if (!question) return;
    const turn = ++this.#turn;
    this.asking = true;
    try {
      let [rows, next] = [before, from];
      do {
        const limit = question.fits ? MANY : Math.min(MANY, least - rows.length);
        const came = await question.ask({ limit, ...(next === undefined ? {} : { after: next }) });
        if (turn !== this.#turn) return;
        rows = [...rows, ...(question.fits ? came.rows.filter(question.fits) : came.rows)];
        next = came.next ?? undefined;
        if (shows && rows.length > 0) [this.rows, this.next] = [rows, next];
      } while (next !== undefined && rows.length < least);
      [this.rows, this.next, this.trouble] = [rows, next, undefined];
    } catch (error) {
      if (turn !== this.#turn) return;
      if (!(error instanceof Refusal)) throw error;
      this.trouble = error;
    } finally {
      if (turn === this.#turn) this.asking = false;
    }
  }
}
