/** Doing what widens rights or destroys: where the node wants a second factor shown anew, the person is asked for it, once. */
import { Refusal } from "./api/client";

class Fresh {
  /** Whether a code is being asked for. */
  wanted = $state(false);
  #answer: ((shown: boolean) => void) | undefined;

  /** Asks the person; true once it was shown, false where they would rather not. */
  ask(): Promise<boolean> {
    this.wanted = true;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  answer(shown: boolean) {
    this.wanted = false;
    this.#answer?.(shown);
    this.#answer = undefined;
  }
}

export const fresh = new Fresh();

/** Does it; and again, after a second factor was shown anew, where that is all that stood in the way. */
export async function act<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Refusal && error.wantsFreshFactor && (await fresh.ask())) return run();
    throw error;
  }
}
