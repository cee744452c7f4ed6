import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import AnswerForm from "./AnswerForm.svelte";

const request = { id: "req_1", purl: "pkg:pypi/ruff@1", by: "ben", because: "x", asked: "2026-11-22T10:00:00Z", state: "waiting" } as Schemas["Request"];

afterEach(() => vi.unstubAllGlobals());

function answering(response: () => Response) {
  const sent = vi.fn(async (_: Request) => response());
  vi.stubGlobal("fetch", sent);
  const answered = vi.fn();
  render(AnswerForm, { request, answered });
  return { answered, body: async () => [sent.mock.lastCall?.[0].url.split("/v1")[1], await sent.mock.lastCall?.[0].json()] };
}

it("grants for a week to who asked, unless something else is chosen", async () => {
  const { answered, body } = answering(() => Response.json({ requests: [] }));
  await fireEvent.submit(screen.getByLabelText("Grant for").closest("form") as HTMLFormElement);
  await vi.waitFor(() => expect(answered).toHaveBeenCalledOnce());
  expect(await body()).toEqual(["/requests/req_1/grant", { seconds: 604800, for: "person" }]);
});

it("refuses with words, and shows what the node says against it", async () => {
  const { answered, body } = answering(() => Response.json({ title: "No", detail: "It was answered before." }, { status: 409 }));
  await fireEvent.click(screen.getByRole("button", { name: "Refuse", pressed: false }));
  await fireEvent.input(screen.getByLabelText("Why, and what to use instead"), { target: { value: " use 0.9 " } });
  await fireEvent.submit(screen.getByLabelText("Why, and what to use instead").closest("form") as HTMLFormElement);
  expect((await screen.findByRole("alert")).textContent).toContain("It was answered before.");
  expect(await body()).toEqual(["/requests/req_1/refuse", { because: "use 0.9" }]);
  expect(answered).not.toHaveBeenCalled();
});
