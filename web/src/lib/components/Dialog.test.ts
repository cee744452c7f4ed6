import { fireEvent, render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, it, vi } from "vitest";
import Dialog from "./Dialog.svelte";

const children = createRawSnippet(() => ({ render: () => "<p>what is asked</p>" }));

it("has the title for its name, and is left by a click beside it and not by one within", async () => {
  const close = vi.fn();
  render(Dialog, { title: "Save this view", close, children });
  const dialog = screen.getByRole("dialog", { name: "Save this view", hidden: true });
  await fireEvent.click(screen.getByText("what is asked"));
  expect(close).not.toHaveBeenCalled();
  await fireEvent.click(dialog);
  expect(close).toHaveBeenCalledOnce();
});
