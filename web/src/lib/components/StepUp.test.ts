import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { fresh } from "../act.svelte";
import type { Schemas } from "../api/client";
import { session } from "../session.svelte";
import StepUp from "./StepUp.svelte";

afterEach(() => vi.unstubAllGlobals());

const PASSKEY = { passkey: "psk_1", name: "phone", created: "2026-11-22T10:00:00Z" };
const CODE = "Code of your authenticator app, or a recovery code";

function asked(has_password: boolean, passkeys: object[]) {
  vi.stubGlobal("PublicKeyCredential", class {});
  session.account = { has_password, passkeys } as unknown as Schemas["Account"];
  render(StepUp);
}

it("offers what the person has", async () => {
  asked(true, [PASSKEY]);
  expect(screen.getByRole("button", { name: "Use a passkey", hidden: true })).toBeTruthy();
  expect(screen.getByLabelText(CODE)).toBeTruthy();
});

it("offers no code to whoever has only passkeys, and no passkey to whoever has none", () => {
  asked(false, [PASSKEY]);
  expect(screen.queryByLabelText(CODE)).toBeNull();
});

it("asks for a code alone where there is no passkey, and goes on with it", async () => {
  asked(true, []);
  expect(screen.queryByRole("button", { name: "Use a passkey", hidden: true })).toBeNull();
  const sent = vi.fn(async (_: Request) => Response.json({}));
  vi.stubGlobal("fetch", sent);
  const shown = fresh.ask();
  await fireEvent.input(screen.getByLabelText(CODE), { target: { value: "123456" } });
  await fireEvent.submit(screen.getByLabelText(CODE).closest("form") as HTMLFormElement);
  expect(await shown).toBe(true);
  expect(await sent.mock.lastCall?.[0].json()).toEqual({ code: "123456" });
});

it("leads whoever has neither to where they make one", () => {
  asked(false, []);
  expect(screen.getByRole("link", { name: "Your account" }).getAttribute("href")).toBe("/account");
});
