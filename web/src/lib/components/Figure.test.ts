import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import Figure from "./Figure.svelte";

it("has its tone only where there is something to tell", async () => {
  const { rerender } = render(Figure, { label: "Held", value: 0, tone: "hold" });
  expect(screen.getByText("0").className).toContain("plain");
  await rerender({ value: 12_345 });
  expect(screen.getByText("12,345").className).toContain("hold");
  expect(screen.getByText("Held").nextElementSibling?.textContent).toBe("12,345");
});

it("leads to what it counts, where whoever looks may see that", async () => {
  const { rerender } = render(Figure, { label: "Held", value: 4, href: "/activity?outcome=hold" });
  expect(screen.getByRole("link", { name: "Held" }).getAttribute("href")).toBe("/activity?outcome=hold");
  await rerender({ href: undefined });
  expect(screen.queryByRole("link")).toBeNull();
});
