import { fireEvent, render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, it, vi } from "vitest";
import { Refusal } from "../api/client";
import EndableRow from "./EndableRow.svelte";

const children = createRawSnippet(() => ({ render: () => "<span>asha, since noon</span>" }));
const shown = (more: object) => {
  const changed = vi.fn();
  render(EndableRow, { purl: "pkg:pypi/demo@1.0", because: "it reads tokens", may: true, word: "Lift", end: () => Promise.resolve(), changed, children, ...more });
  return changed;
};

it("says why it stands, and is ended by whoever may", async () => {
  const changed = shown({});
  expect(screen.getByRole("listitem").textContent).toMatch(/demo.*it reads tokens.*asha, since noon/s);
  await fireEvent.click(screen.getByRole("button", { name: "Lift" }));
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
});

it.each([{ may: false }, { over: true }])("is not offered to be ended where %o", (more) => {
  shown(more);
  expect(screen.queryByRole("button")).toBeNull();
});

it("says at its own place what went wrong", async () => {
  const changed = shown({ end: () => Promise.reject(new Refusal(409, "Conflict", "It was lifted before.", undefined, [], undefined)) });
  await fireEvent.click(screen.getByRole("button", { name: "Lift" }));
  expect((await screen.findByRole("alert")).textContent).toContain("It was lifted before.");
  expect(changed).not.toHaveBeenCalled();
});
