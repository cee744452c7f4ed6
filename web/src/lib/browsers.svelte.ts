/** Sessions of one's own that began in a browser that was new: told until one says here that it was oneself. */
import type { Schemas } from "./api/client";

type Session = Schemas["Session"];

const KEY = "fanlight.browsers";

/** Sessions that somebody knows. */
const read = (): string[] => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
};

class Browsers {
  #known = $state.raw(read());

  /** Those of the sessions that one is to be told of. */
  untold(sessions: readonly Session[]): Session[] {
    return sessions.filter((one) => one.new_browser && !one.current && !this.#known.includes(one.session));
  }

  /** It was oneself. What ended meanwhile is forgotten. */
  know(session: string, sessions: readonly Session[]) {
    this.#known = [...this.#known, session].filter((one) => sessions.some((other) => other.session === one));
    localStorage.setItem(KEY, JSON.stringify(this.#known));
  }
}

export const browsers = new Browsers();
