import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import Loading from "./Loading.svelte";

it("tells a screen reader once that something comes, however many lines are drawn", () => {
  const { container } = render(Loading, { lines: 7 });
  expect(container.querySelectorAll(".line").length).toBe(7);
  expect(screen.getByRole("status").textContent?.trim()).toBe("One moment …");
});
