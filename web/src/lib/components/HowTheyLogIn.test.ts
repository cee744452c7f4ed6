import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import HowTheyLogIn from "./HowTheyLogIn.svelte";

const person = { person: "prs_1", name: "ben", roles: [], groups: [], since: "2026-11-22T10:00:00Z" } as Schemas["Person"];
const card = { person, can_log_in: true, has_password: true, has_totp: true, passkeys: 2, recovery_codes: 1, providers: ["acme"], sessions: 1, keys: 3, machines: 1, apps: 0 };

it("says by what somebody logs in, and what they have", () => {
  render(HowTheyLogIn, { card });
  expect(screen.getByText("password and authenticator app, 2 passkeys, the provider acme")).toBeTruthy();
  expect(screen.getByText("3 keys, 1 machine, 0 apps")).toBeTruthy();
  expect(screen.getByText("1").className).toContain("few");
});

it("says that somebody who was never invited cannot log in", () => {
  render(HowTheyLogIn, { card: { ...card, can_log_in: false } });
  expect(screen.getByText(/They cannot log in/)).toBeTruthy();
});
