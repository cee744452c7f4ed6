import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { as, node, press, problem } from "../testing";
import LoginWays from "./LoginWays.svelte";

afterEach(() => vi.unstubAllGlobals());

const person = { person: "prs_2", name: "ben", roles: [], groups: [], since: "2026-11-22T10:00:00Z" } as Schemas["Person"];
const passkey = { passkey: "pky_1", name: "the laptop", created: "2026-11-20T10:00:00Z", used: "2026-11-22T10:00:00Z" };
const card = { person, can_log_in: true, account_since: "2026-11-20T10:00:00Z", has_password: true, has_totp: true, passkeys: [passkey], recovery_codes: 1, providers: ["acme"], sessions: 1, keys: 3, machines: 1, apps: 0 } as Schemas["PersonCard"];

const ways = () => screen.queryAllByRole("listitem").map((one) => one.textContent?.replace(/\s+/g, " ").trim());

it("says by what somebody logs in, and what they have", () => {
  as("auditor");
  render(LoginWays, { card, changed: vi.fn() });
  expect(ways()).toEqual([expect.stringContaining("password and authenticator app"), expect.stringContaining("passkey “the laptop”"), expect.stringContaining("the provider acme")]);
  expect(screen.getByText("3 keys, 1 machine, 0 apps")).toBeTruthy();
  expect(screen.getByText("1 recovery code left").className).toContain("few");
  expect(screen.queryByRole("button")).toBeNull();
});

it("ends one way, having said what ends with it and what goes on", async () => {
  as("steward");
  const asked = node({ "POST /v1/people/logins/end": { way: "pky_1", sessions: 2, can_log_in: true } });
  const changed = vi.fn();
  render(LoginWays, { card, changed });
  await press("End it: passkey “the laptop”");
  const question = screen.getByRole("dialog", { hidden: true });
  expect(question.textContent).toMatch(/End ben's passkey “the laptop”\?.*sessions end with it.*tokens and keys/s);
  expect(asked).toEqual([]);
  await press(/^End it$/);
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked).toEqual([["POST /v1/people/logins/end", { person: "prs_2", way: "pky_1" }]]);
  expect(screen.getByRole("status").textContent).toBe("Ended: passkey “the laptop”, and 2 sessions with it.");
});

it("names a password and a provider as the node takes them, and says when nothing is left", async () => {
  as("steward");
  const asked = node({ "POST /v1/people/logins/end": { way: "provider:acme", sessions: 0, can_log_in: false } });
  const { rerender } = render(LoginWays, { card: { ...card, has_password: false, has_totp: false, passkeys: [] }, changed: vi.fn() });
  await press("End it: the provider acme");
  expect(screen.getByRole("dialog", { hidden: true }).textContent).toContain("the last way");
  await press(/^End it$/);
  expect((await screen.findByRole("status")).textContent).toBe("Ended: the provider acme, and 0 sessions with it. Nothing is left to log in by: invite them again.");
  await rerender({ card: { ...card, can_log_in: false, has_password: false, has_totp: false, passkeys: [], providers: [] } });
  expect(ways()).toEqual([]);
  expect(asked).toEqual([["POST /v1/people/logins/end", { person: "prs_2", way: "provider:acme" }]]);
});

it("says in the question why the node does not do it", async () => {
  as("steward");
  node({ "POST /v1/people/logins/end": problem(409, "ben is the last steward who can log in.") });
  const changed = vi.fn();
  render(LoginWays, { card, changed });
  await press("End it: password and authenticator app");
  await press(/^End it$/);
  expect((await screen.findByRole("alert", { hidden: true })).textContent).toContain("the last steward");
  expect(changed).not.toHaveBeenCalled();
});

it("leads a steward to their own account for their own ways", () => {
  as("steward");
  render(LoginWays, { card: { ...card, person: { ...person, person: "prs_1" as Schemas["Person"]["person"] } }, changed: vi.fn() });
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getByRole("link").getAttribute("href")).toBe("/account");
});

it("says that somebody who was never invited cannot log in", () => {
  as("steward");
  render(LoginWays, { card: { ...card, can_log_in: false, has_password: false, has_totp: false, passkeys: [], providers: [] }, changed: vi.fn() });
  expect(screen.getByText(/They cannot log in/)).toBeTruthy();
});

it("tells of an invitation that somebody may still open", () => {
  render(LoginWays, { card: { ...card, invitation: { role: "steward", until: "2026-11-23T10:00:00Z" } } as Schemas["PersonCard"], changed: () => {} });
  expect(screen.getByText("Open invitation, as steward")).toBeTruthy();
});
