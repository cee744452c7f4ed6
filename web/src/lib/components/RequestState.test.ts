import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import RequestState from "./RequestState.svelte";

it.each([["waiting", "waits"], ["granted", "granted"], ["refused", "refused"], ["withdrawn", "taken back"], ["over", "over"]])("says of %s that it is %s", (state, word) => {
  render(RequestState, { state });
  expect(screen.getByText(word).className).toContain(state);
});
