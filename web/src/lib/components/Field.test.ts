import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import Field from "./Field.svelte";

it("is found by its label, with the help beside it", () => {
  render(Field, { label: "Group", value: "sales", help: "Small letters." });
  const field = screen.getByLabelText("Group");
  expect((field as HTMLInputElement).value).toBe("sales");
  expect(document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent).toBe("Small letters.");
});

it("offers what can be chosen, under headings, too", () => {
  render(Field, { label: "Role", value: "", options: [{ value: "", label: "any" }], groups: [{ label: "Readers", options: [{ value: "auditor", label: "auditor" }] }] });
  expect([...(screen.getByLabelText("Role") as HTMLSelectElement).options].map((option) => option.text)).toEqual(["any", "auditor"]);
  expect(screen.getByRole("group", { name: "Readers" })).toBeTruthy();
});

it("tells what was written once it is", async () => {
  const changed = vi.fn();
  render(Field, { label: "From", type: "date", value: "", changed });
  await fireEvent.input(screen.getByLabelText("From"), { target: { value: "2026-11-01" } });
  await fireEvent.change(screen.getByLabelText("From"));
  expect(changed).toHaveBeenCalledWith("2026-11-01");
});
