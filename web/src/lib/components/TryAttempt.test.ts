import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import TryAttempt from "./TryAttempt.svelte";

afterEach(() => vi.unstubAllGlobals());

const FILES = [{ name: "a.cedar", text: "// a" }];
const told = (policy: string, said: string, decided: boolean) => ({ policy, place: "a.cedar:1", outcome: "deny", said, decided, missing: [] });

it("says how an attempt would be judged, by which policies, and which had nothing to say", async () => {
  const policies = [told("no-demo", "applies", true), told("wait-and-see", "condition-not-met", false)];
  const sent = vi.fn(async (_: Request) => Response.json({ action: "packages:fetch-file", outcome: "deny", decided_by: ["no-demo"], reason: "demo is not used here", policies, missing_facts: ["why"], unknown_facts: [] }));
  vi.stubGlobal("fetch", sent);
  render(TryAttempt, { files: FILES });
  const field = screen.getByLabelText(/An attempt, in JSON/);
  expect(() => JSON.parse((field as HTMLTextAreaElement).value)).not.toThrow();
  await fireEvent.submit(field.closest("form") as HTMLFormElement);
  expect((await screen.findByRole("status")).textContent).toMatch(/denied.*by no-demo.*demo is not used here.*these facts as well: why/s);
  expect(screen.getByText("1 policy had nothing to say")).toBeTruthy();
  expect(await sent.mock.lastCall?.[0].json()).toMatchObject({ files: FILES });
});

it("shows what is wrong with an attempt", async () => {
  vi.stubGlobal("fetch", async () => Response.json({ title: "Bad request", detail: "The attempt is no JSON: line 2, column 3." }, { status: 400 }));
  render(TryAttempt, { files: FILES });
  await fireEvent.submit(screen.getByLabelText(/An attempt, in JSON/).closest("form") as HTMLFormElement);
  expect((await screen.findByRole("alert")).textContent).toContain("line 2");
});
