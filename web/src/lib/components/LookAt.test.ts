import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import LookAt from "./LookAt.svelte";

const file = (name: string, more: object = {}) => ({ file: name, bytes: 2048, ...more });
const nothing = { purl: "pkg:pypi/demo@2.0", files: [file("demo-2.0.whl")], history: { releases: 4, in_a_year: 2 }, flaws: [], known: {}, reviews: [], unknown: [] };
const looked = (more: object = {}) => render(LookAt, { look: { ...nothing, ...more } as unknown as Schemas["Look"] });
const open = (title: RegExp) => (screen.getByText(title, { selector: "summary" }).closest("details") as HTMLDetailsElement).open;

it("says what is known, and nothing of what is not", () => {
  const { container } = looked();
  expect(container.textContent).toMatch(/demo-2.0.whl, 2.*4 releases, 2 within a year/s);
  expect(container.textContent).toContain("No feed here names a flaw in it.");
  expect(container.textContent).not.toMatch(/Licence|Published by|Since |Reviews|Not known/);
});

it("opens by itself what affects this release, and leaves shut what does not", () => {
  const flaw = { id: "OSV-1", kind: "vulnerable", summary: "reads tokens", affects_it: false, fixed_in: ["2.1"] };
  const { unmount } = looked({ flaws: [flaw] });
  expect(open(/Known flaws \(1\)/)).toBe(false);
  unmount();
  const { container } = looked({ flaws: [{ ...flaw, affects_it: true }] });
  expect(open(/Known flaws/)).toBe(true);
  expect(container.textContent).toMatch(/OSV-1.*reads tokens.*affects this release.*fixed in 2.1/s);
});

it("says who published it and what is otherwise since the one before", () => {
  const { container } = looked({
    publishing: { by: "mia", before: 0, joined: ["mia"], left: ["ben"] },
    previous: { version: "1.0", attested: true, added: ["demo/net.py"], gone: [], changed: [{ file: "setup.py", before: 1024, now: 4096 }], inside: { does: ["opens connections"] } },
  });
  expect(container.textContent).toMatch(/mia \(0 releases of it before\).*No maintainers any more.*ben.*as those of 1.0 did/s);
  expect(container.textContent).toMatch(/Since 1.0.*demo\/net.py.*setup.py.*now also.*opens connections/s);
});

it("counts the files that it does not name", () => {
  const { container } = looked({ files: ["a", "b", "c", "d", "e"].map((name) => file(name, { attested: name === "a" })) });
  expect(container.textContent).toMatch(/a, 2.*attested; b.*; c.* … \(5\)/);
});

it("shows what people found of it", () => {
  const { container } = looked({ reviews: [{ note: "n1", verdict: "unsafe", because: "sends the environment", node: "acme" }], unknown: ["Its source is not named."] });
  expect(open(/Reviews/)).toBe(true);
  expect(container.textContent).toMatch(/unsafe.*sends the environment.*acme.*Its source is not named\./s);
});

it("says what is used here instead, and leads to it", () => {
  const { container } = looked({ instead: { words: "String.padStart, or", packages: [{ purl: "pkg:npm/padder" }] } });
  expect(container.textContent).toMatch(/Use instead.*String.padStart, or padder/s);
  expect(screen.getByRole("link", { name: "padder" }).getAttribute("href")).toBe("/packages/npm/padder");
});
