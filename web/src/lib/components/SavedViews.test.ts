import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, expect, it } from "vitest";
import { router } from "../router.svelte";
import SavedViews from "./SavedViews.svelte";

beforeEach(() => {
  localStorage.clear();
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
});

it("offers nothing where only a part of the page is open", () => {
  router.go("/people?show=spare");
  render(SavedViews, { of: "spare" });
  expect(screen.queryByRole("button")).toBeNull();
});

it("keeps filters under a name, leads back to them, and forgets them", async () => {
  router.go("/activity?action=packages%3A");
  const { unmount } = render(SavedViews, { of: "activity" });
  await fireEvent.click(screen.getByRole("button", { name: "Save this view" }));
  const name = screen.getByLabelText("Name of this view");
  await fireEvent.input(name, { target: { value: "doors" } });
  await fireEvent.submit(name.closest("form") as HTMLFormElement);
  expect(screen.getByRole("link", { name: "doors" }).getAttribute("href")).toBe("/activity?action=packages%3A");
  unmount();
  render(SavedViews, { of: "activity" });
  await fireEvent.click(screen.getByRole("button", { name: "Forget the view doors" }));
  expect(screen.queryByRole("link", { name: "doors" })).toBeNull();
});
