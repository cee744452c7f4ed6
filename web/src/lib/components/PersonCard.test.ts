import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { as, node, press, problem } from "../testing";
import PersonCard from "./PersonCard.svelte";

afterEach(() => vi.unstubAllGlobals());

const person = { person: "prs_2", name: "ben", roles: ["mentor"], groups: ["sales"], since: "2026-11-22T10:00:00Z" };
const card = (more: object = {}) =>
  ({ person: { ...person, ...more }, can_log_in: true, has_password: true, has_totp: true, passkeys: [], recovery_codes: 8, providers: [], sessions: 0, keys: 0, machines: 0, apps: 0 }) as unknown as Schemas["PersonCard"];
const leaver = { sessions: 0, machines: [], roles: ["mentor"], groups: ["sales"], exceptions: [], keys: [], apps: [], last_steward: false };
const right = (name: string, more: object = {}) => ({ kind: "role", name, spare: true, by_directory: false, times: 0, actions: [], ...more });
const ANSWERS = {
  "POST /v1/people/sessions": { sessions: [] },
  "POST /v1/leavers/preview": leaver,
  "POST /v1/rights": { since: "2026-08-22T10:00:00Z", people: [{ person: "prs_9", rights: [right("auditor")] }, { person: "prs_2", rights: [right("mentor")] }], keys: [], proof: { allowed: 0, refused: 0 }, left: 0 },
  "POST /v1/ledger/page": { origin: "o", size: 0, lines: [] },
};

it("shows a steward what of this person's rights is needed, and takes what is not", async () => {
  as("steward");
  const asked = node({ ...ANSWERS, "POST /v1/roles/take": {} });
  const changed = vi.fn();
  render(PersonCard, { card: card(), changed });
  expect(screen.getByText("helps builders, sees who has what", { selector: "header p" })).toBeTruthy();
  await screen.findByText("Nothing needed it");
  expect(screen.getAllByText("Nothing needed it").length).toBe(1);
  await press("Take away: mentor", 1);
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked).toContainEqual(["POST /v1/roles/take", { person: "prs_2", role: "mentor" }]);
});

it("asks for no record where whoever looks may not read it, and offers nothing that is refused", async () => {
  as("mentor");
  const asked = node(ANSWERS);
  render(PersonCard, { card: card(), changed: vi.fn() });
  await screen.findByText("Nowhere now.");
  expect(asked.map(([what]) => what).sort()).toEqual(["POST /v1/leavers/preview", "POST /v1/people/sessions"]);
  expect(screen.queryByRole("heading", { name: "What of it is needed" })).toBeNull();
  expect(screen.queryByRole("button")).toBeNull();
});

it("says why the rights could not be read, and asks again", async () => {
  as("auditor");
  const answers: Record<string, unknown> = { ...ANSWERS, "POST /v1/rights": problem(503, "The record is being read.") };
  node(answers);
  render(PersonCard, { card: card(), changed: vi.fn() });
  expect((await screen.findByRole("alert")).textContent).toContain("The record is being read.");
  answers["POST /v1/rights"] = { ...ANSWERS["POST /v1/rights"], people: [] };
  await press("Try again");
  await screen.findByText("They have no role and are in no group.");
});

it("does not offer a new invitation to oneself, nor to somebody whose name was erased", async () => {
  as("steward");
  node(ANSWERS);
  const { rerender } = render(PersonCard, { card: card(), changed: vi.fn() });
  expect(screen.getByRole("button", { name: "Invite them again" })).toBeTruthy();
  await rerender({ card: card({ person: "prs_1" }) });
  expect(screen.queryByRole("button", { name: "Invite them again" })).toBeNull();
  await rerender({ card: card({ name: null }) });
  expect(screen.queryByRole("button", { name: "Invite them again" })).toBeNull();
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("erased");
});
