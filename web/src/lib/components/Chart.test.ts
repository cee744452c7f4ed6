import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import Chart from "./Chart.svelte";

const counts = { allowed: 0, masked: 0, held: 0, denied: 0 };
const spans = [
  { from: "2026-11-22T10:00:00", counts: { ...counts, allowed: 400, held: 1 } },
  { from: "2026-11-22T10:30:00", counts },
  { from: "2026-11-22T11:00:00", counts: { ...counts, denied: 2 } },
];

it("draws what was stopped high enough to be seen", () => {
  const { container } = render(Chart, { spans, seconds: 1800 });
  const held = container.querySelector("rect.held");
  expect(Number(held?.getAttribute("height"))).toBeGreaterThan(2);
  const top = [...container.querySelectorAll("rect")].map((rect) => Number(rect.getAttribute("y")));
  expect(Math.min(...top)).toBeGreaterThanOrEqual(0);
});

it("is read span by span with the keys", async () => {
  render(Chart, { spans, seconds: 1800 });
  const picture = screen.getByRole("application");
  await fireEvent.keyDown(picture, { key: "ArrowLeft" });
  expect(screen.getByRole("status").textContent).toMatch(/11:00\s*denied 2/);
  await fireEvent.keyDown(picture, { key: "ArrowLeft" });
  expect(screen.getByRole("status").textContent).toMatch(/10:30\s*–/);
  await fireEvent.keyDown(picture, { key: "ArrowLeft" });
  await fireEvent.keyDown(picture, { key: "ArrowLeft" });
  expect(screen.getByRole("status").textContent).toMatch(/10:00\s*let through 400\s*held 1/);
});
