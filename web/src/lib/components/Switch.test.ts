import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import Switch from "./Switch.svelte";

it("says which is chosen and takes another", async () => {
  const choose = vi.fn();
  const options = [{ value: 1, label: "one" }, { value: 2, label: "two" }];
  render(Switch, { label: "How many", options, value: 1, choose });
  expect(screen.getByRole("button", { name: "one" }).getAttribute("aria-pressed")).toBe("true");
  await fireEvent.click(screen.getByRole("button", { name: "two" }));
  expect(choose).toHaveBeenCalledWith(2);
});
