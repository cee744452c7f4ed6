import { afterEach, expect, it, vi } from "vitest";
import { PAGE, RecordPages } from "./record-pages.svelte";

afterEach(() => vi.unstubAllGlobals());

interface Ask {
  before?: number;
  limit?: number;
  who?: string;
}

const lineOf = (index: number) => ({ index, record: { who: { id: `prs_${index % 1000}` } } });

/** A node with so many records, of which a filter finds those whose number ends in 777; it looks at so many for one answer. */
function node(size: number, looksAt = Number.POSITIVE_INFINITY) {
  const asked: Ask[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const ask = (await request.json()) as Ask;
    asked.push(ask);
    const lines: object[] = [];
    let reached = Math.min(ask.before ?? size, size);
    for (let looked = 0; reached > 0 && lines.length < (ask.limit ?? 50) && looked < looksAt; looked += 1) {
      reached -= 1;
      if (!ask.who || reached % 1000 === 777) lines.push(lineOf(reached));
    }
    return Response.json({ origin: "o", size, lines, ...(reached > 0 ? { next: reached } : {}) });
  });
  return asked;
}

it("fetches the records where one looks, and keeps them", async () => {
  const asked = node(1_000_000);
  const pages = new RecordPages({});
  await pages.begin();
  expect(pages.count).toBe(1_000_000);
  pages.want(0, 30);
  await vi.waitFor(() => expect(pages.at(30)?.index).toBe(999_969));
  pages.want(500_000, 500_030);
  await vi.waitFor(() => expect(pages.at(500_030)?.index).toBe(499_969));
  pages.want(999_980, 999_999);
  await vi.waitFor(() => expect(pages.at(999_999)?.index).toBe(0));
  const before = asked.length;
  pages.want(0, 30);
  expect(asked.length).toBe(before);
});

it("has the newest records with its first question, and fetches the rest of their windows once", async () => {
  const asked = node(1050);
  const pages = new RecordPages({});
  await pages.begin();
  expect(asked).toEqual([{ limit: PAGE }]);
  expect(pages.at(0)?.index).toBe(1049);
  expect(pages.at(PAGE - 1)?.index).toBe(850);
  expect(pages.at(PAGE)).toBeUndefined();
  pages.want(0, 40);
  expect(asked.length).toBe(1);
  pages.want(40, 220);
  await vi.waitFor(() => expect(pages.at(220)?.index).toBe(829));
  pages.want(0, 220);
  expect(asked.slice(1)).toEqual([{ before: 1000, limit: PAGE }]);
});

it("asks for little of what is scrolled past, and for the newest wish first", async () => {
  const asked = node(1_000_000);
  const pages = new RecordPages({});
  await pages.begin();
  for (let row = 0; row < 900_000; row += 1000) pages.want(row, row + 30);
  await vi.waitFor(() => expect(pages.at(899_000)).toBeTruthy());
  expect(asked.length).toBeLessThan(8);
});

it("goes on where an answer is short", async () => {
  node(1000, 30);
  const pages = new RecordPages({});
  await pages.begin();
  pages.want(0, 10);
  await vi.waitFor(() => expect(pages.at(PAGE - 1)?.index).toBe(1000 - PAGE));
});

it("searches on by pages, past answers that found nothing, until all was looked at", async () => {
  node(99_000, 400);
  const pages = new RecordPages({ who: "kim" });
  await pages.begin();
  await vi.waitFor(() => expect(pages.asking).toBe(false));
  expect(pages.found?.length).toBe(99);
  expect(pages.next).toBeUndefined();
  expect(pages.count).toBe(99);
  expect(pages.at(0)?.index).toBe(98_777);
});

it("waits with the rest of a long search until somebody scrolls there", async () => {
  node(1_000_000);
  const pages = new RecordPages({ who: "kim" });
  await pages.begin();
  expect(pages.found?.length).toBe(PAGE);
  expect(pages.count).toBe(PAGE + 1);
  pages.want(PAGE - 20, PAGE);
  await vi.waitFor(() => expect(pages.found?.length).toBe(2 * PAGE));
});

it("brings together what a file takes, and says where it was cut", async () => {
  node(50_000);
  const told = vi.fn();
  const whole = await new RecordPages({ who: "kim" }).all(told);
  expect([whole.lines.length, whole.isCut]).toEqual([50, false]);
  const cut = await new RecordPages({}).all(told);
  expect([cut.lines.length, cut.isCut]).toEqual([10_000, true]);
  expect(told).toHaveBeenLastCalledWith(10_000);
});

it("says what the node refuses, and tries again", async () => {
  vi.stubGlobal("fetch", async () => Response.json({ title: "No", detail: "Not you." }, { status: 403 }));
  const pages = new RecordPages({});
  await pages.begin();
  expect(pages.trouble?.message).toBe("Not you.");
  node(3);
  await pages.begin();
  expect(pages.trouble).toBeUndefined();
  expect(pages.count).toBe(3);
});
