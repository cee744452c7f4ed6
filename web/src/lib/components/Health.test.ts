import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import Health from "./Health.svelte";

const well: Schemas["Status"] = {
  version: "0.1.0",
  origin: "fanlight/00ff",
  started: "2026-11-22T10:00:00Z",
  address: "http://127.0.0.1:7070",
  state: "serving",
  ready: true,
  upstreams: [{ ecosystem: "pypi", url: "http://upstream.example", found: "set", reachable: true }],
  policies: { epoch: 1, digest: "00", files: 0, built_in: 50, company: 2 },
  ledger: { appended: 9, durable: 9, published: 9 },
  projection_behind: 0,
  cache: { bytes: 1_000_000, limit: 10_000_000_000, files: 3 },
  devices: 1,
  quarantines: 0,
  exceptions: [],
};

const ill = (container: HTMLElement) => [...container.querySelectorAll(".ill dt")].map((line) => line.textContent);

it("is quiet where all is well", () => {
  const { container } = render(Health, { status: well });
  expect(ill(container)).toEqual([]);
  expect(screen.getByText("3 files, 1 MB of 10 GB")).toBeTruthy();
});

it("says what is not well, and what was said of it", () => {
  const status: Schemas["Status"] = {
    ...well,
    upstreams: [{ ecosystem: "npm", url: "http://upstream.example", found: "", reachable: false, last_error: "connection refused" }],
    ledger: { ...well.ledger, failing: "no space left" },
    policies: { ...well.policies, last_fault: { file: "own.cedar", line: 3, column: 1, message: "unexpected token" } },
    advisories: { records: 5, feeds: 1, unwell: ["feed a: gone"], hits: 1 },
  };
  const { container } = render(Health, { status });
  expect(ill(container)).toEqual(["npm", "Ledger", "Policies", "Advisories"]);
  for (const words of ["connection refused", "no space left", "own.cedar:3: unexpected token"]) expect(screen.getByText(words)).toBeTruthy();
});
