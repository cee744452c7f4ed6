import { render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, expect, it, vi } from "vitest";
import { Pages } from "../pages.svelte";
import { press } from "../testing";
import Onward from "./Onward.svelte";

afterEach(() => vi.unstubAllGlobals());

it("goes on where it stopped, cannot be pressed meanwhile, and is gone at the end", async () => {
  const pages = new Pages<unknown>();
  const asked: (string | undefined)[] = [];
  let come: () => void = () => {};
  await pages.begin({
    ask: async ({ after }) => {
      asked.push(after);
      if (after !== undefined) await new Promise<void>((resolve) => (come = resolve));
      return after === undefined ? { rows: Array.from({ length: 100 }, (_, at) => at), next: "99" } : { rows: [100], next: null };
    },
  });
  render(Onward, { pages });
  await press("Show more");
  const button = screen.getByRole("button", { name: "Show more" }) as HTMLButtonElement;
  expect(button.disabled).toBe(true);
  come();
  await expect.poll(() => screen.queryByRole("button")).toBeNull();
  expect(asked).toEqual([undefined, "99"]);
  expect(pages.rows?.length).toBe(101);
});

it("goes on by itself where somebody scrolls near, and only there", async () => {
  let near: (() => void) | undefined;
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe = vi.fn();
      disconnect = () => (near = undefined);
      constructor(told: (entries: { isIntersecting: boolean }[]) => void) {
        near = () => told([{ isIntersecting: true }]);
      }
    },
  );
  const pages = new Pages<unknown>();
  await pages.begin({ ask: async ({ after = "0" }) => ({ rows: Array.from({ length: 100 }, (_, at) => Number(after) + at), next: String(Number(after) + 100) }) });
  const { rerender } = render(Onward, { pages });
  expect(near).toBeUndefined();
  await rerender({ pages, endless: true });
  flushSync(() => near?.());
  // While the answer is under way nothing more is asked for.
  expect(near).toBeUndefined();
  await vi.waitFor(() => expect(pages.rows?.length).toBe(200));
  await vi.waitFor(() => expect(near).toBeDefined());
});
