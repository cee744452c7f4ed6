import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { actions, actionWords } from "./actions";

/** The actions that something is tried by, as the schema of policies has them: those that apply to something, and not their groups. */
function known(): string[] {
  const schema = readFileSync("../policies/fanlight.cedarschema", "utf8").replace(/\/\/.*/g, "");
  const declared = schema.matchAll(/action\s+((?:"[^"]+"\s*,?\s*)+)(?:in\s*\[[^\]]*\]\s*)?appliesTo/g);
  return [...declared].flatMap(([, names]) => [...(names ?? "").matchAll(/"([^"]+)"/g)].map(([, name]) => name ?? ""));
}

it("has words for every action that the policies know, and for no other", () => {
  const all = known();
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter((action) => !actions.includes(action))).toEqual([]);
  expect(actions.filter((action) => !all.includes(action))).toEqual([]);
});

it("reads the name of what a newer node records", () => {
  expect(actionWords("sandbox:try-out")).toBe("try out");
});
