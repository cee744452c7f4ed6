import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import WaitingProposals from "./WaitingProposals.svelte";

afterEach(() => vi.unstubAllGlobals());

const listed = (...own: boolean[]) => vi.stubGlobal("fetch", async () => Response.json({ proposals: own.map((one, at) => ({ id: `prp_${at}`, own: one })) }));

it("leads to what others propose", async () => {
  listed(false, true, false);
  render(WaitingProposals);
  expect((await screen.findByRole("link", { name: "2 changes to the policies wait for an answer" })).getAttribute("href")).toBe("/policies?show=proposals");
});

it("says nothing of one's own", async () => {
  listed(true);
  const { container } = render(WaitingProposals);
  await new Promise((later) => setTimeout(later));
  expect(container.textContent).toBe("");
});
