/** The parts of Set-up. */
import { words } from "./words";

interface Caller {
  opens(view: string): boolean;
}

/** Those that somebody may open; and another one besides, to which an address led: there they are told why they see nothing. */
export function setupTopics(caller: Caller, besides = ""): string[] {
  return Object.keys(words.setup.topics).filter((topic) => topic === besides || caller.opens(topic));
}
