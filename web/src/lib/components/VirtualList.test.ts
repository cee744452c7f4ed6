import { fireEvent, render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, it, vi } from "vitest";
import VirtualList from "./VirtualList.svelte";

const row = createRawSnippet((number: () => number) => ({ render: () => `<span>row ${number()}</span>` }));

function listed(count: number) {
  const seen = vi.fn();
  const { container } = render(VirtualList, { count, height: 40, label: "Records", seen, row });
  const box = screen.getByRole("region", { name: "Records" });
  const scrollTo = async (top: number) => {
    box.scrollTop = top;
    await fireEvent.scroll(box);
  };
  return { seen, box, scrollTo, length: Number.parseFloat((container.querySelector(".whole") as HTMLElement).style.height), rows: () => container.querySelectorAll("li") };
}

it("has a few rows there, however many there are", () => {
  const { rows, seen } = listed(1_000_000);
  expect(rows().length).toBeGreaterThan(5);
  expect(rows().length).toBeLessThan(60);
  expect(seen.mock.lastCall?.[0]).toBe(0);
  expect(rows()[0]?.getAttribute("aria-setsize")).toBe("1000000");
});

it("reaches the last row of more than a browser can scroll", async () => {
  const { scrollTo, length, seen } = listed(1_000_000);
  expect(length).toBeLessThan(16_000_000);
  await scrollTo(length);
  expect(seen.mock.lastCall?.[1]).toBe(999_999);
  await scrollTo(length / 2);
  const [first, last] = seen.mock.lastCall as [number, number];
  expect(first).toBeGreaterThan(490_000);
  expect(last).toBeLessThan(510_000);
});

it("moves by rows with the keys", async () => {
  const { box } = listed(1000);
  await fireEvent.keyDown(box, { key: "ArrowDown" });
  expect(box.scrollTop).toBe(40);
  await fireEvent.keyDown(box, { key: "Home" });
  expect(box.scrollTop).toBe(0);
});
