import { StringStream } from "@codemirror/language";
import { expect, it } from "vitest";
import { cedar } from "./cedar-language";

/** Each word of a line with what it is. */
function words(line: string) {
  const stream = new StringStream(line, 2, 2);
  const found: [string, string][] = [];
  while (!stream.eol()) {
    const kind = cedar.token(stream, null);
    if (stream.pos === stream.start) throw new Error("it does not go on");
    if (kind) found.push([stream.current(), kind]);
    stream.start = stream.pos;
  }
  return found;
}

it("tells the words of a policy apart", () => {
  expect(words('@id("no-\\"x\\"") // why')).toEqual([
    ["@id", "meta"],
    ['"no-\\"x\\""', "string"],
    ["// why", "comment"],
  ]);
  expect(words('forbid (principal, action == Fanlight::Action::"packages:fetch", resource)')).toEqual([
    ["forbid", "keyword"],
    ["principal", "variableName"],
    ["action", "variableName"],
    ["Fanlight", "typeName"],
    ["Action", "typeName"],
    ['"packages:fetch"', "string"],
    ["resource", "variableName"],
  ]);
  expect(words("when { context.age_hours < 24 && !true };")).toEqual([
    ["when", "keyword"],
    ["context", "variableName"],
    ["age_hours", "propertyName"],
    ["24", "number"],
    ["true", "atom"],
  ]);
});

it("goes on where a text is not closed", () => {
  expect(words('"open')).toEqual([['"open', "string"]]);
});
