/** What changes on the node while a page is open: marks by server-sent events, and whether the node answers at all. */
import type { Schemas } from "./api/client";

type Marks = Schemas["EventsMarks"];

/** How long one stream goes on, in seconds; the browser asks for the next by itself. */
const SECONDS = 300;

class Live {
  #marks = $state.raw<Marks>({ records: 0, packages: 0, requests: 0, proposals: 0, epoch: 0, ready: true });
  // Each by itself: what asks anew at one of them is not woken by the others. To ask leaves a record, so whoever asked at every
  // new record would never rest.
  readonly records = $derived(this.#marks.records);
  readonly packages = $derived(this.#marks.packages);
  readonly requests = $derived(this.#marks.requests);
  readonly proposals = $derived(this.#marks.proposals);
  readonly epoch = $derived(this.#marks.epoch);
  readonly ready = $derived(this.#marks.ready);
  /** Whether the node answered lately. */
  connected = $state(true);
  #source: EventSource | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  begin() {
    this.#source?.close();
    const source = new EventSource(`/v1/events?seconds=${SECONDS}`);
    this.#source = source;
    source.onmessage = (event) => {
      this.connected = true;
      this.#marks = JSON.parse(event.data as string) as Marks;
    };
    source.onerror = () => {
      // Between two streams the browser connects anew; what was refused it gives up.
      this.connected = false;
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.begin(), 2000);
    };
  }

  end() {
    clearTimeout(this.#again);
    this.#source?.close();
  }
}

export const live = new Live();
