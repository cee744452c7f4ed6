import { expect, it } from "vitest";
import { words } from "./words";

it("says what was stopped and who waits in whole sentences", () => {
  expect(words.today.lede(0, 0, "the last 24 hours")).toBe("Nothing was stopped in the last 24 hours.");
  expect(words.today.lede(1, 2, "the last 7 days")).toBe("1 attempt was stopped in the last 7 days; 2 requests wait for an answer.");
});
