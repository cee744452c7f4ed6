import { expect, it } from "vitest";
import { ago, spanLabel } from "./time";

const now = Date.parse("2026-11-22T12:00:00Z");

it.each([
  ["2026-11-22T11:59:30Z", "just now"],
  ["2026-11-22T12:00:30Z", "in a moment"],
  ["2026-11-22T11:57:00Z", "3 minutes ago"],
  ["2026-11-22T07:00:00Z", "5 hours ago"],
  ["2026-11-21T11:00:00Z", "yesterday"],
  ["2026-11-28T13:00:00Z", "in 6 days"],
  ["2026-12-22T13:00:00Z", "in 4 weeks"],
])("%s is %s", (time, words) => expect(ago(time, now)).toBe(words));

it("labels a span by what tells it from the next", () => {
  expect(spanLabel("2026-11-22T12:30:00", 1800)).toBe("12:30");
  expect(spanLabel("2026-11-22T12:00:00", 86_400)).toBe("22 Nov");
  expect(spanLabel("2026-11-22T12:00:00", 14_400)).toBe("22 Nov, 12:00");
});
