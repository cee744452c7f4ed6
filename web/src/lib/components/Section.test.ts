import { render, screen, within } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, it } from "vitest";
import Section from "./Section.svelte";

const snippet = (html: string) => createRawSnippet(() => ({ render: () => html }));

it("is a part of the page with a name, and what is done about it beside the name", () => {
  render(Section, { title: "Keys", children: snippet("<p>one key</p>"), aside: snippet("<button>Export</button>") });
  const part = within(screen.getByRole("region", { name: "Keys" }));
  expect(part.getByRole("heading", { level: 2 }).textContent).toBe("Keys");
  expect(part.getByText("one key")).toBeTruthy();
  expect(part.getByRole("button", { name: "Export" })).toBeTruthy();
});
