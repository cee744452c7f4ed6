/** Cedar for CodeMirror: what each word is, a line at a time, and its colours by this console's names. Knows no grammar. */
import { HighlightStyle, type StreamParser } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const WORDS = new Set(["permit", "forbid", "when", "unless", "in", "is", "has", "like", "if", "then", "else"]);
const VARIABLES = new Set(["principal", "action", "resource", "context"]);
const VALUES = new Set(["true", "false"]);

/** `@id("x")` is an annotation; a text ends at its line's end in Cedar only by a slip, so nothing is carried from line to line. */
export const cedar: StreamParser<null> = {
  name: "cedar",
  startState: () => null,
  languageData: { commentTokens: { line: "//" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match("//")) {
      stream.skipToEnd();
      return "comment";
    }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(/^@[A-Za-z_]\w*/)) return "meta";
    if (stream.match(/^\d+/)) return "number";
    const word = stream.match(/^[A-Za-z_]\w*/) as RegExpMatchArray | null;
    if (word) {
      if (WORDS.has(word[0])) return "keyword";
      if (VARIABLES.has(word[0])) return "variableName";
      if (VALUES.has(word[0])) return "atom";
      return stream.peek() === ":" || /^[A-Z]/.test(word[0]) ? "typeName" : "propertyName";
    }
    stream.next();
    return null;
  },
};

export const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--sign)", fontWeight: "600" },
  { tag: [tags.variableName, tags.atom, tags.number], color: "var(--sign)" },
  { tag: tags.string, color: "var(--allow)" },
  { tag: tags.meta, color: "var(--mask)" },
  { tag: tags.typeName, color: "var(--hold)" },
  { tag: tags.comment, color: "var(--quiet)" },
]);
