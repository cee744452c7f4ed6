import { beforeEach, expect, it } from "vitest";
import { Draft, NAME } from "./draft.svelte";

const FILES = [
  { name: "a.cedar", text: "// a" },
  { name: "b.cedar", text: "// b" },
];

beforeEach(() => sessionStorage.clear());

function begun(base = 3) {
  const draft = new Draft();
  draft.begin(base, FILES);
  return draft;
}

it("knows what is otherwise than it is in force", () => {
  const draft = begun();
  expect(draft.isChanged).toBe(false);
  const [first] = draft.files;
  if (first) first.text = "// other";
  draft.add("0.cedar", "// new");
  expect(draft.changed.map(({ name }) => name)).toEqual(["0.cedar", "a.cedar"]);
  draft.remove("b.cedar");
  expect(draft.files.map(({ name }) => name)).toEqual(["0.cedar", "a.cedar"]);
  draft.drop();
  expect(draft.files).toEqual(FILES);
  draft.remove("b.cedar");
  expect([draft.changed.length, draft.isChanged]).toEqual([0, true]);
});

it("goes on where something was begun, also when another version is in force by then", () => {
  const draft = begun();
  draft.add("c.cedar", "// c");
  draft.remove("b.cedar");
  draft.keep();
  expect(begun().files.map(({ name }) => name)).toEqual(["a.cedar", "c.cedar"]);
  const later = new Draft();
  later.begin(4, [{ name: "a.cedar", text: "// another's" }, ...FILES.slice(1)]);
  expect(later.files).toEqual([
    { name: "a.cedar", text: "// another's" },
    { name: "c.cedar", text: "// c" },
  ]);
  later.drop();
  expect(begun().files).toEqual(FILES);
});

it("takes the names that the node takes", () => {
  for (const name of ["company.cedar", "a b (1).cedar"]) expect(NAME.test(name)).toBe(true);
  for (const name of ["company", ".cedar", "a/b.cedar", "../x.cedar"]) expect(NAME.test(name)).toBe(false);
});
