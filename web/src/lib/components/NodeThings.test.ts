import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { as, node, submit, write } from "../testing";
import NodeThings from "./NodeThings.svelte";

afterEach(() => vi.unstubAllGlobals());

const status = (address: string) => ({ address }) as unknown as Schemas["Status"];
const FILE = "File to write, an absolute path that does not exist yet";

it("shows the ledger's key, and writes a backup for stewards", async () => {
  as("steward");
  const asked = node({ "GET /v1/reviews": { key: "fanlight/0+1+2", reviews: [] }, "POST /v1/backup": { file: "/b.tar", bytes: 2048, records: 7 } });
  render(NodeThings, { status: status("http://127.0.0.1:7070/") });
  await screen.findByText("fanlight/0+1+2");
  expect(screen.queryByText(/root certificate/)).toBeNull();
  await write(FILE, " /b.tar ");
  await submit(FILE);
  await screen.findByText(/Wrote \/b.tar/);
  expect(asked).toEqual([["GET /v1/reviews?limit=1", undefined], ["POST /v1/backup", { file: "/b.tar" }]]);
});

it("has the root certificate over TLS, and no backup for others", async () => {
  as("auditor");
  node({ "GET /v1/reviews": { key: "k", reviews: [] } });
  render(NodeThings, { status: status("https://fanlight.acme.example/") });
  expect(screen.getByRole("button", { name: "Save the root certificate" })).toBeTruthy();
  expect(screen.queryByLabelText(FILE)).toBeNull();
});
