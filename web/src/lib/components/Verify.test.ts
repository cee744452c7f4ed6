import { render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { key, proofs } from "../proof/proofs.json";
import { knownKey } from "../proof/known";
import { node, press, problem } from "../testing";
import Verify from "./Verify.svelte";

beforeEach(() => localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

const proof = proofs[0] ?? "";
const index = Number(/\nindex (\d+)\n/.exec(proof)?.[1]);
const bytes = Uint8Array.from(atob(/extra (\S+)/.exec(proof)?.[1] ?? ""), (letter) => letter.charCodeAt(0));
const record = JSON.parse(new TextDecoder().decode(bytes)) as object;
const answers = (text: string, by = key) => ({ [`GET /v1/ledger/proof/${index}`]: { proof: text }, "GET /v1/reviews": { key: by, reviews: [] } });

it("asks for nothing before somebody wants to know, and then says that the record shown is the one that was proved", async () => {
  const asked = node(answers(proof));
  render(Verify, { index, shown: record });
  expect(asked).toEqual([]);
  await press("Verify this");
  await screen.findByText("It holds.");
  expect(screen.getByText(/byte for byte/)).toBeTruthy();
  expect(screen.getByText(/saw this key now for the first time/)).toBeTruthy();
  await press("Verify this");
  await screen.findByText(/has known since/);
});

it("does not call proved what is shown and was not", async () => {
  node(answers(proof));
  render(Verify, { index, shown: { ...record, action: "packages:fetch-file" } });
  await press("Verify this");
  await screen.findByText("The record shown above is not the one that was proved.");
});

it("warns of another key under a name that this browser knows", async () => {
  const [origin = ""] = key.split("+");
  knownKey(`${origin}+00000000+AAAA`);
  node(answers(proof));
  render(Verify, { index, shown: record });
  await press("Verify this");
  await screen.findByText(/This is not the key/);
});

it("says what is wrong with a proof that does not hold, and forgets it with another record", async () => {
  node(answers(proof.replace(/extra \S+/, `extra ${btoa("{}")}`)));
  const { rerender } = render(Verify, { index, shown: record });
  await press("Verify this");
  await screen.findByText("The record does not lead to the root that was signed.");
  expect(screen.queryByText("It holds.")).toBeNull();
  await rerender({ index: index + 1 });
  expect(screen.queryByText("It does not hold.")).toBeNull();
});

it("says why no proof came", async () => {
  node({ "GET /v1/reviews": { key, reviews: [] }, [`GET /v1/ledger/proof/${index}`]: problem(503, "The ledger is being written.") });
  render(Verify, { index, shown: record });
  await press("Verify this");
  expect((await screen.findByRole("alert")).textContent).toContain("The ledger is being written.");
});
