import { render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, it } from "vitest";
import Button from "./Button.svelte";

const children = createRawSnippet(() => ({ render: () => "<span>Go</span>" }));

it("cannot be pressed again while it is busy", () => {
  render(Button, { children, busy: true });
  const button = screen.getByRole("button", { name: "Go" }) as HTMLButtonElement;
  expect([button.disabled, button.getAttribute("aria-busy")]).toEqual([true, "true"]);
});

it("is a link where it leads somewhere", () => {
  render(Button, { children, href: "/people", label: "Everybody" });
  expect(screen.getByRole("link", { name: "Everybody" }).getAttribute("href")).toBe("/people");
});
