import { render } from "@testing-library/svelte";
import { expect, it } from "vitest";
import { viewNames } from "../views";
import Icon from "./Icon.svelte";

it.each(viewNames)("has a drawing of its own for %s, which says nothing to a screen reader", (name) => {
  const { container } = render(Icon, { name });
  expect(container.querySelector("path")?.getAttribute("d")).toMatch(/^M/);
  expect(container.querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
});
