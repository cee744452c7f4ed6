import { fireEvent, render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, it, vi } from "vitest";
import { FEW, Pages } from "../pages.svelte";
import Listing from "./Listing.svelte";

const text = (html: string) => createRawSnippet(() => ({ render: () => `<p>${html}</p>` }));
const shown = createRawSnippet<[readonly number[]]>((rows) => ({ render: () => `<p>${rows().length} rows</p>` }));

async function of(size: number, narrowed: boolean, more = {}) {
  const pages = new Pages<number>();
  const ask = vi.fn(async ({ limit }: { limit: number }) => ({ rows: Array.from({ length: Math.min(limit, size) }, (_, at) => at), next: size > limit ? "more" : undefined }));
  await pages.begin({ ask });
  render(Listing<number>, { pages, narrowed, tools: text("tools"), none: text("make one"), children: shown, ...more });
  return ask;
}

it("says what to do where there is nothing, and shows no search for nothing", async () => {
  await of(0, false);
  expect(screen.getByText("make one")).toBeTruthy();
  expect(screen.queryByText("tools")).toBeNull();
});

it("says that nothing fits where something narrows it", async () => {
  await of(0, true);
  expect(screen.getByText("Nothing fits")).toBeTruthy();
  expect(screen.getByText("tools")).toBeTruthy();
});

it("says what its page has to say where nothing fits", async () => {
  await of(0, true, { nothing: text("look elsewhere") });
  expect(screen.getByText("look elsewhere")).toBeTruthy();
  expect(screen.queryByText("Nothing fits")).toBeNull();
});

it("goes on by a button while there is more", async () => {
  const ask = await of(FEW + 1, false);
  expect(screen.getByText(`${FEW} rows`)).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  expect(ask).toHaveBeenLastCalledWith({ limit: FEW, after: "more" });
});
