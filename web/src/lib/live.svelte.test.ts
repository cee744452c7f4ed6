import { flushSync } from "svelte";
import { afterEach, expect, it, vi } from "vitest";
import { live } from "./live.svelte";

class FakeSource {
  static last: FakeSource;
  static CLOSED = 2;
  readyState = 1;
  onmessage: (event: { data: string }) => void = () => {};
  onerror: () => void = () => {};
  constructor(readonly url: string) {
    FakeSource.last = this;
  }
  close() {
    this.readyState = 2;
  }
}

afterEach(() => {
  live.end();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const say = (marks: object) => {
  FakeSource.last.onmessage({ data: JSON.stringify({ records: 1, packages: 1, requests: 0, epoch: 1, ready: true, ...marks }) });
  flushSync();
};

it("wakes who waits for a mark when that mark changes, and not at every record", () => {
  vi.stubGlobal("EventSource", FakeSource);
  live.begin();
  const seen: number[] = [];
  const stop = $effect.root(() => {
    $effect(() => {
      seen.push(live.packages);
    });
  });
  flushSync();
  say({});
  say({ records: 2 });
  say({ records: 3, requests: 1 });
  say({ records: 4, packages: 2 });
  stop();
  expect(seen).toEqual([0, 1, 2]);
});

it("says when the node is away and begins anew", () => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
  live.begin();
  say({});
  expect(live.connected).toBe(true);
  const first = FakeSource.last;
  first.readyState = FakeSource.CLOSED;
  first.onerror();
  expect(live.connected).toBe(false);
  vi.advanceTimersByTime(2500);
  expect(FakeSource.last).not.toBe(first);
  say({});
  expect(live.connected).toBe(true);
});
