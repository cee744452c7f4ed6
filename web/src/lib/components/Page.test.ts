import { render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, it } from "vitest";
import Page from "./Page.svelte";

const children = createRawSnippet(() => ({ render: () => "<p>rows</p>" }));

it("names the window after the view, and leads back to the list that it is one of", () => {
  render(Page, { title: "demo", lede: "You get 1.0.", back: { href: "/packages", word: "All packages" }, children });
  expect(document.title).toBe("demo · Fanlight");
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("demo");
  expect(screen.getByRole("link", { name: "All packages" }).getAttribute("href")).toBe("/packages");
});

it("keeps the room of a sentence that is to come, and none where there will be none", async () => {
  const { container, rerender } = render(Page, { title: "People", lede: "", children });
  expect(container.querySelector("header .quiet")?.textContent).toBe("\u00a0");
  await rerender({ lede: undefined });
  expect(container.querySelector("header .quiet")).toBeNull();
});
