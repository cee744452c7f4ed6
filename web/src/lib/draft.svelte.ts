/** A change to the company's policies before it is proposed: kept in the browser's tab, so that a page loaded anew loses nothing. */
import type { Schemas } from "./api/client";

export type File = Schemas["PolicyFile"];

const KEY = "fanlight.policies.draft";

interface Kept {
  base: number;
  before: File[];
  files: File[];
}

const read = (): Kept | undefined => {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
};

/** What a policy file may be called, as the node takes it. */
export const NAME = /^[A-Za-z0-9_][A-Za-z0-9 ._+\(\)@,=&\-]*\.cedar$/;

export class Draft {
  files = $state<File[]>([]);
  /** The version that it is made on. */
  base = $state(0);
  #before: readonly File[] = [];

  /** Begins with what is in force, or goes on with what was begun: files that were changed stay as they were written, the others are as they are in force. */
  begin(base: number, files: readonly File[]) {
    this.#before = files;
    this.base = base;
    const kept = read();
    const texts = new Map(files.map(({ name, text }) => [name, text]));
    const was = new Map(kept?.before.map(({ name, text }) => [name, text]));
    for (const { name, text } of kept?.files ?? []) if (was.get(name) !== text) texts.set(name, text);
    for (const name of was.keys()) if (!kept?.files.some((file) => file.name === name)) texts.delete(name);
    this.files = [...texts].map(([name, text]) => ({ name, text })).sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  keep() {
    if (this.isChanged) sessionStorage.setItem(KEY, JSON.stringify({ base: this.base, before: this.#before, files: this.files }));
    else sessionStorage.removeItem(KEY);
  }

  /** As it is in force again. */
  drop() {
    this.files = this.#before.map((file) => ({ ...file }));
    this.keep();
  }

  add(name: string, text: string) {
    this.files.push({ name, text });
    this.files.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  remove(name: string) {
    this.files = this.files.filter((file) => file.name !== name);
  }

  /** Files that are not as they are in force. */
  get changed(): File[] {
    const before = new Map(this.#before.map(({ name, text }) => [name, text]));
    return this.files.filter(({ name, text }) => before.get(name) !== text);
  }

  get isChanged() {
    return this.changed.length > 0 || this.files.length !== this.#before.length;
  }
}
