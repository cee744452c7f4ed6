import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import { Refusal } from "../api/client";
import FormDialog from "./FormDialog.svelte";

async function opened(send: () => Promise<unknown>) {
  const done = vi.fn();
  render(FormDialog, { word: "End this app", title: "End Price list?", lede: "Its records stay.", does: "End it", kind: "grave", send, done });
  await fireEvent.click(screen.getByRole("button", { name: "End this app" }));
  const dialog = screen.getByRole("dialog", { hidden: true });
  return { done, dialog, submit: () => fireEvent.submit(dialog.querySelector("form") as HTMLFormElement) };
}

it("asks before it does something, and does nothing when it is left", async () => {
  const send = vi.fn();
  const { dialog } = await opened(send);
  expect(dialog.textContent).toContain("Its records stay.");
  await fireEvent.click(screen.getByRole("button", { name: "Cancel", hidden: true }));
  expect(screen.queryByRole("dialog", { hidden: true })).toBeNull();
  expect(send).not.toHaveBeenCalled();
});

it("closes once it was done", async () => {
  const { done, submit } = await opened(() => Promise.resolve({}));
  await submit();
  await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
  expect(screen.queryByRole("dialog", { hidden: true })).toBeNull();
});

it("says in place what went wrong, and stays", async () => {
  const { done, submit } = await opened(() => Promise.reject(new Refusal(404, "Not found", "Nobody here is called bne.", undefined, [], undefined)));
  await submit();
  expect((await screen.findByRole("alert", { hidden: true })).textContent).toContain("Nobody here is called bne.");
  expect(done).not.toHaveBeenCalled();
});
