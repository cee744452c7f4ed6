import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { as, node, press, submit, write } from "../testing";
import ProposalCard from "./ProposalCard.svelte";

afterEach(() => vi.unstubAllGlobals());

const AT = "/v1/policy-proposals/prp_1";
const proposal = { id: "prp_1", by: "ben", because: "demo is not liked", proposed: "2026-11-22T10:00:00Z", base: 3, state: "waiting", outdated: false, own: false, files: 1, set: "00" };
const shown = (more: object = {}, text: object = {}) => ({ proposal: { ...proposal, ...more }, files: [], changes: [], faults: [], warnings: [], ...text });

it("is refused with words", async () => {
  as("steward");
  const asked = node({ [`GET ${AT}`]: shown(), [`POST ${AT}/refuse`]: proposal });
  render(ProposalCard, { id: "prp_1" });
  await screen.findByText("demo is not liked");
  await press("Refuse");
  await write("Why, and what to use instead", " liking is no reason ");
  await submit("Why, and what to use instead");
  await vi.waitFor(() => expect(asked).toContainEqual([`POST ${AT}/refuse`, { because: "liking is no reason" }]));
});

it("is taken back by who proposed it, and by nobody else; who proposed it does not refuse it", async () => {
  as("reviewer");
  const asked = node({ [`GET ${AT}`]: shown({ own: true }), [`DELETE ${AT}`]: proposal });
  render(ProposalCard, { id: "prp_1" });
  await screen.findByText("demo is not liked");
  expect(screen.queryByRole("button", { name: "Refuse" })).toBeNull();
  await press("Take back");
  await vi.waitFor(() => expect(asked).toContainEqual([`DELETE ${AT}`, undefined]));
});

it("says what stands against it in place of the approval", async () => {
  as("steward");
  node({ [`GET ${AT}`]: shown({}, { held: { policies: ["own-proposal"], reason: "Nobody approves their own proposal", advice: "Ask another steward." } }) });
  render(ProposalCard, { id: "prp_1" });
  await screen.findByText("Nobody approves their own proposal. Ask another steward.");
  expect(screen.queryByRole("button", { name: "Approve and publish" })).toBeNull();
});

it("shows the answer, and offers nothing more", async () => {
  as("steward");
  node({ [`GET ${AT}`]: shown({ state: "refused", answer: { by: "asha", at: "2026-11-22T11:00:00Z", because: "liking is no reason" } }) });
  render(ProposalCard, { id: "prp_1" });
  expect((await screen.findByText(/liking is no reason/)).textContent).toContain("asha");
  expect(screen.queryByRole("button", { name: "Refuse" })).toBeNull();
});
