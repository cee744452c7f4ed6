import { render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, it } from "vitest";
import More from "./More.svelte";

const children = createRawSnippet(() => ({ render: () => "<p>the facts</p>" }));
const details = () => screen.getByText("Facts", { selector: "summary" }).closest("details") as HTMLDetailsElement;

it("is shut until somebody wants it, unless it matters now", async () => {
  const { rerender } = render(More, { title: "Facts", children });
  expect(details().open).toBe(false);
  await rerender({ open: true });
  expect(details().open).toBe(true);
  expect(details().textContent).toContain("the facts");
});
