import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import PackageName from "./PackageName.svelte";

it("leads to the package by its name, and shows what is none as it is", async () => {
  const { container, rerender } = render(PackageName, { purl: "pkg:npm/%40acme/lib@1.0" });
  expect(screen.getByRole("link").getAttribute("href")).toBe("/packages/npm/@acme/lib?version=1.0");
  expect(container.textContent).toBe("@acme/lib1.0npm");
  await rerender({ purl: "pkg:npm/%40acme/lib@1.0", bare: true });
  expect(container.textContent).toBe("@acme/lib1.0");
  await rerender({ purl: "this" });
  expect(screen.queryByRole("link")).toBeNull();
});
