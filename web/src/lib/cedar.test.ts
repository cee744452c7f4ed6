import { expect, it } from "vitest";
import { pieces } from "./cedar";

const POLICY = `// Why.
@id("no-\\"x\\"")
forbid (principal, action in Fanlight::Action::"packages:fetch", resource)
when { context.project == "when" };`;

it("tells words, texts, annotations and remarks apart and loses nothing", () => {
  const found = pieces(POLICY);
  expect(found.map((piece) => piece.text).join("")).toBe(POLICY);
  const of = (kind: string) => found.filter((piece) => piece.kind === kind).map((piece) => piece.text);
  expect(of("remark")).toEqual(["// Why."]);
  expect(of("note")).toEqual(["@id"]);
  expect(of("text")).toEqual([`"no-\\"x\\""`, `"packages:fetch"`, `"when"`]);
  expect(of("word")).toEqual(["forbid", "principal", "action", "in", "resource", "when", "context"]);
});
