import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { live } from "../live.svelte";
import { session } from "../session.svelte";
import PolicyWorkshop from "./PolicyWorkshop.svelte";

afterEach(() => {
  live.end();
  vi.unstubAllGlobals();
});

it("tells when another version came into force meanwhile, and goes on with that one", async () => {
  session.account = { roles: ["reviewer"] } as unknown as Schemas["Account"];
  let version = 3;
  vi.stubGlobal("fetch", async (request: Request) =>
    Response.json(request.url.includes("policy-versions") ? { version: { version }, files: [], changes: [] } : { good: true, faults: [], warnings: [], policies: 0 }),
  );
  const sources: { onmessage?: (event: { data: string }) => void }[] = [];
  vi.stubGlobal(
    "EventSource",
    class {
      onmessage?: (event: { data: string }) => void;
      constructor() {
        sources.push(this);
      }
      close() {}
    },
  );
  live.begin();
  render(PolicyWorkshop);
  await screen.findByText("You have no policies of your own yet");
  expect(screen.queryByText(/Another version/)).toBeNull();
  version = 4;
  sources[0]?.onmessage?.({ data: JSON.stringify({ records: 1, packages: 0, requests: 0, proposals: 0, epoch: 99, ready: true }) });
  await screen.findByText(/Another version came into force meanwhile/);
  await fireEvent.click(screen.getByRole("button", { name: "Go on with that one" }));
  await vi.waitFor(() => expect(screen.queryByText(/Another version/)).toBeNull());
});
