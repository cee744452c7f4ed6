import { beforeEach, expect, it } from "vitest";
import { knownKey } from "./known";

beforeEach(() => localStorage.clear());

it("remembers the first key of a ledger and tells another one", () => {
  const [first, later] = [new Date("2026-11-01T00:00:00Z"), new Date("2026-11-22T00:00:00Z")];
  expect(knownKey("fanlight/1+aa+k1", first).kind).toBe("first");
  expect(knownKey("fanlight/1+aa+k1", later)).toEqual({ kind: "known", since: first.toISOString() });
  expect(knownKey("fanlight/1+bb+k2", later)).toEqual({ kind: "other", since: first.toISOString() });
  expect(knownKey("fanlight/2+bb+k2", later).kind).toBe("first");
});
