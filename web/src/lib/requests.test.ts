import { expect, it } from "vitest";
import type { Schemas } from "./api/client";
import { fits, rowOfRequest } from "./requests";

const request = { id: "req_1", purl: "pkg:pypi/Ruff@1.0", by: "ben", because: "the build", asked: "2026-11-22T10:00:00Z", state: "waiting" } as Schemas["Request"];

it("is found by its package, its words and who asked", () => {
  for (const search of ["", "ruff", "BUILD", "ben"]) expect(fits(request, search)).toBe(true);
  expect(fits(request, "requests")).toBe(false);
});

it("goes into a file as one flat row, with its answer where there is one", () => {
  expect(rowOfRequest(request)).toMatchObject({ id: "req_1", state: "waiting", answer: undefined });
  const answered = { ...request, state: "granted", answer: { by: "asha", at: "2026-11-22T11:00:00Z", because: "looked at it" } } as Schemas["Request"];
  expect(rowOfRequest(answered)).toMatchObject({ answered_by: "asha", answer: "looked at it" });
});
