import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { as, node, press } from "../testing";
import ExceptionList from "./ExceptionList.svelte";

afterEach(() => vi.unstubAllGlobals());

const one = (id: string, more: object) => ({ id, purl: "pkg:pypi/demo@2.0", because: "the line stands still", by: "lea", role: "reviewer", policies: ["wait-and-see"], until: "2999-01-01T00:00:00Z", ...more }) as unknown as Schemas["Exception"];

it("lets those end that hold, and no others", async () => {
  as("reviewer");
  const asked = node({ "DELETE /v1/exceptions/exc_1": {} });
  const changed = vi.fn();
  render(ExceptionList, { exceptions: [one("exc_1", {}), one("exc_2", { ended: "2026-11-22T10:00:00Z" }), one("exc_3", { until: "2020-01-01T00:00:00Z" })], changed });
  expect(screen.getAllByRole("button").length).toBe(1);
  await press("End it");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked[0]?.[0]).toBe("DELETE /v1/exceptions/exc_1");
});
