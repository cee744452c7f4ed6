import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import Search from "./Search.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("searches once the typing rests", async () => {
  const search = vi.fn();
  render(Search, { label: "Name", value: "", search });
  for (const value of ["d", "de", " demo "]) await fireEvent.input(screen.getByRole("searchbox", { name: "Name" }), { target: { value } });
  expect(search).not.toHaveBeenCalled();
  vi.runAllTimers();
  expect(search.mock.calls).toEqual([["demo"]]);
});

it("follows what is searched for elsewhere", async () => {
  const { rerender } = render(Search, { label: "Name", value: "demo", search: vi.fn() });
  await rerender({ value: "" });
  expect((screen.getByRole("searchbox") as HTMLInputElement).value).toBe("");
});
