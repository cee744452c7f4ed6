import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import Judged from "./Judged.svelte";

const judged = { outcome: "hold", reason: "it is new", policies: ["wait-and-see"] };
const evidence = (more: object) => ({ evidence: { request: { id: "req_1", purl: "pkg:pypi/demo@2.0", judged }, ...more } as unknown as Schemas["RequestEvidence"] });

it("says how it is judged now, where that is otherwise than when it was asked for", () => {
  const { container } = render(Judged, evidence({ now: { outcome: "deny", reason: "it reads tokens", policies: [] }, newest_allowed: "1.0" }));
  expect(container.textContent).toMatch(/Judged now.*denied.*it reads tokens.*Newest allowed: 1.0/s);
  expect(container.textContent).not.toContain("it is new");
  expect(screen.getByRole("link").getAttribute("href")).toBe("/packages/pypi/demo?version=2.0");
});

it("says what was known when it was asked for where nothing can be known now, and why not", () => {
  const { container } = render(Judged, evidence({ trouble: "The upstream does not answer." }));
  expect(container.textContent).toMatch(/When it was asked for.*held.*it is new.*The upstream does not answer\./s);
});
