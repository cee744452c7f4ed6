/** Something asked of the node: what came last, what went wrong, and whether it is being asked again. */
import { Refusal } from "./api/client";

export class Loaded<T> {
  value = $state.raw<T | undefined>();
  trouble = $state.raw<Refusal | undefined>();
  asking = $state(false);
  #turn = 0;

  /** Asks. What is there stays until the answer comes; of two questions the later one counts. */
  async ask(question: () => Promise<T>): Promise<void> {
    const turn = ++this.#turn;
    this.asking = true;
    try {
      const value = await question();
      if (turn !== this.#turn) return;
      this.value = value;
      this.trouble = undefined;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.trouble = error instanceof Refusal ? error : new Refusal(0, "Error", String(error), undefined, [], undefined);
    } finally {
      if (turn === this.#turn) this.asking = false;
    }
  }
}
