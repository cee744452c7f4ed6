import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import Standing from "./Standing.svelte";

const status = (more: object) => ({ quarantines: 0, exceptions: [], ...more }) as unknown as Schemas["Status"];

it("says what is in force besides the policies, and nothing where nothing is", async () => {
  const { container, rerender } = render(Standing, { status: status({}) });
  expect(container.textContent?.trim()).toBe("");
  await rerender({ status: status({ quarantines: 2, exceptions: [{ id: "exc_1", purl: "pkg:pypi/demo@2.0", until: "2999-01-01T00:00:00Z" }] }) });
  expect(screen.getByRole("link", { name: "2 quarantines" }).getAttribute("href")).toBe("/packages?show=quarantined");
  expect(screen.getByText("demo")).toBeTruthy();
});
