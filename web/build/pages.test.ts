import { expect, it } from "vitest";
import { partsOf } from "./pages";

const chunk = (imports: string[], more: object = {}) => ({ type: "chunk" as const, imports, isEntry: false, facadeModuleId: null, ...more });

it("tells of each view what it needs besides the page's own files", () => {
  const bundle = {
    "assets/index.js": chunk(["assets/shared.js"], { isEntry: true }),
    "assets/shared.js": chunk([]),
    "assets/Today.js": chunk(["assets/shared.js", "assets/list.js"], { facadeModuleId: "/web/src/routes/Today.svelte" }),
    "assets/list.js": chunk(["assets/index.js"]),
    "assets/editor.js": chunk([], { facadeModuleId: "/web/src/lib/cedar-editor.ts" }),
    "assets/index.css": { type: "asset" as const },
  };
  const { page, views } = partsOf(bundle);
  expect(page).toEqual(["assets/index.js", "assets/shared.js"]);
  expect([...views]).toEqual([["today", ["assets/Today.js", "assets/list.js"]]]);
});
