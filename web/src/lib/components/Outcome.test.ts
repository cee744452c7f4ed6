import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import Outcome from "./Outcome.svelte";

it.each([["allow", "allowed"], ["mask", "masked"], ["hold", "held"], ["deny", "denied"]])("says of %s that it is %s, in its colour", (outcome, word) => {
  render(Outcome, { outcome });
  expect(screen.getByText(word).className).toContain(outcome);
});

it("has another word where it is about what will be", () => {
  render(Outcome, { outcome: "hold", word: "holds" });
  expect(screen.getByText("holds").className).toContain("hold");
});
