import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it } from "vitest";
import { router } from "../router.svelte";
import RecordFilters from "./RecordFilters.svelte";

afterEach(() => router.go("/"));

it("writes what is chosen into the address, and reads it from there", async () => {
  router.go("/activity?policy=wait-and-see&to=2026-11-02&who=kim");
  render(RecordFilters);
  expect((screen.getByLabelText("Who") as HTMLInputElement).value).toBe("kim");
  expect(screen.getByRole("button", { name: "Filters (3)" })).toBeTruthy();
  await fireEvent.input(screen.getByLabelText("From"), { target: { value: "2026-11-01" } });
  await fireEvent.change(screen.getByLabelText("From"));
  expect(router.query.get("from")).toBe("2026-11-01");
  await fireEvent.click(screen.getByRole("button", { name: "Whatever policy decided, not only wait-and-see" }));
  expect(router.query.get("policy")).toBeNull();
});
