import { render } from "@testing-library/svelte";
import { expect, it } from "vitest";
import Mark from "./Mark.svelte";

it("is a picture and no word: the name stands beside it", () => {
  const { container } = render(Mark);
  expect(container.querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
  expect(container.textContent).toBe("");
});
