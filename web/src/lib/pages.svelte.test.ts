import { expect, it, vi } from "vitest";
import { Refusal } from "./api/client";
import { FEW, MOST_IN_A_FILE, Pages } from "./pages.svelte";

/** A list of so many numbers, as the node pages it. */
function list(size: number) {
  return vi.fn(async ({ limit, after }: { limit: number; after?: string }) => {
    const first = after === undefined ? 0 : Number(after) + 1;
    const rows = Array.from({ length: Math.min(limit, size - first) }, (_, at) => first + at);
    return { rows, next: first + rows.length < size ? String(first + rows.length - 1) : undefined };
  });
}

it("begins with a few rows of a long list, and goes on where it stopped", async () => {
  const [pages, ask] = [new Pages<number>(), list(50_000)];
  await pages.begin({ ask });
  expect(pages.rows?.length).toBe(FEW);
  expect(ask.mock.calls).toEqual([[{ limit: FEW }]]);
  await pages.more();
  expect(pages.rows?.at(-1)).toBe(2 * FEW - 1);
  expect(ask).toHaveBeenLastCalledWith({ limit: FEW, after: String(FEW - 1) });
});

it("asks again for as much as is shown, and ends where the list does", async () => {
  const [pages, ask] = [new Pages<number>(), list(FEW + 20)];
  await pages.begin({ ask });
  await pages.more();
  await pages.again();
  expect(pages.rows?.length).toBe(FEW + 20);
  expect(pages.next).toBeUndefined();
  ask.mockClear();
  await pages.more();
  expect(ask).not.toHaveBeenCalled();
});

it("looks on by large parts where only some rows fit", async () => {
  const [pages, ask] = [new Pages<number>(), list(50_000)];
  await pages.begin({ ask, fits: (row) => row % 1000 === 7 });
  expect(pages.rows?.length).toBe(50);
  expect(pages.next).toBeUndefined();
  expect(ask).toHaveBeenCalledTimes(50);
});

it("brings all of it together for a file, up to a bound", async () => {
  const pages = new Pages<number>();
  await pages.begin({ ask: list(2500), fits: (row) => row % 2 === 0 });
  expect((await pages.all()).length).toBe(1250);
  await pages.begin({ ask: list(MOST_IN_A_FILE + 5000) });
  expect((await pages.all()).length).toBe(MOST_IN_A_FILE);
});

it("keeps what is there until the later of two questions is answered", async () => {
  const pages = new Pages<number>();
  await pages.begin({ ask: list(3) });
  let slowly: (came: { rows: number[] }) => void = () => {};
  const first = pages.begin({ ask: () => new Promise((answer) => (slowly = answer)) });
  expect(pages.rows).toEqual([0, 1, 2]);
  await pages.begin({ ask: async () => ({ rows: [7] }) });
  slowly({ rows: [5] });
  await first;
  expect(pages.rows).toEqual([7]);
  expect(pages.asking).toBe(false);
});

it("says what the node refuses, and keeps what is there", async () => {
  const pages = new Pages<number>();
  await pages.begin({ ask: list(3) });
  const refusal = new Refusal(403, "No", "Not you.", undefined, [], undefined);
  await pages.begin({ ask: () => Promise.reject(refusal) });
  expect(pages.trouble).toBe(refusal);
  expect(pages.rows).toEqual([0, 1, 2]);
});
