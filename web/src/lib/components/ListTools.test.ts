import { fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, expect, it, vi } from "vitest";
import { router } from "../router.svelte";
import ListTools from "./ListTools.svelte";

afterEach(() => {
  vi.useRealTimers();
  localStorage.clear();
  router.go("/people");
});

it("puts what is looked for into the address once the typing rests, and takes it out again", async () => {
  vi.useFakeTimers();
  router.go("/people?role=steward");
  render(ListTools, { label: "Name" });
  await fireEvent.input(screen.getByLabelText("Name"), { target: { value: " asha " } });
  expect(router.search).toBe("?role=steward");
  vi.advanceTimersByTime(200);
  await tick();
  expect(router.search).toBe("?role=steward&q=asha");
  await fireEvent.input(screen.getByLabelText("Name"), { target: { value: "" } });
  vi.advanceTimersByTime(200);
  expect(router.search).toBe("?role=steward");
});

it("has a part of the address of its own, where a page has several lists", async () => {
  vi.useFakeTimers();
  router.go("/apps/app_1?q=laptop&package=demo");
  render(ListTools, { label: "Package", part: "package" });
  const field = screen.getByLabelText("Package") as HTMLInputElement;
  expect(field.value).toBe("demo");
  await fireEvent.input(field, { target: { value: "tables" } });
  vi.advanceTimersByTime(200);
  expect(router.search).toBe("?q=laptop&package=tables");
});

it("keeps views only where they have a name to be kept under", () => {
  router.go("/people?q=asha");
  const { unmount } = render(ListTools, { label: "Name" });
  expect(screen.queryByRole("button", { name: "Save this view" })).toBeNull();
  unmount();
  render(ListTools, { label: "Name", of: "people" });
  expect(screen.getByRole("button", { name: "Save this view" })).toBeTruthy();
});
