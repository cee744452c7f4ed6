import { render, screen } from "@testing-library/svelte";
import { beforeEach, expect, it, vi } from "vitest";
import CedarField from "./CedarField.svelte";

/** The editor itself is tried in a real browser. */
const editor = { goTo: vi.fn(), setText: vi.fn(), setFaults: vi.fn(), destroy: vi.fn() };
const mounted = vi.fn();
vi.mock("../cedar-editor", () => ({
  mount: (...given: unknown[]) => {
    mounted(...given);
    return editor;
  },
}));
beforeEach(() => vi.clearAllMocks());

it("gives the editor text and faults, takes what is written, and ends it with the field", async () => {
  const fault = { line: 2, column: 3, message: "no such action" };
  const { rerender, unmount, component } = render(CedarField, { label: "Policies", value: "permit (principal, action, resource);", faults: [] });
  expect(screen.getByRole("status").textContent).toContain("One moment");
  await vi.waitFor(() => expect(mounted).toHaveBeenCalledOnce());
  await vi.waitFor(() => expect(screen.queryByRole("status")).toBeNull());
  const [, label, text] = mounted.mock.lastCall ?? [];
  expect([label, text]).toEqual(["Policies", "permit (principal, action, resource);"]);
  await rerender({ faults: [fault] });
  expect(editor.setFaults).toHaveBeenLastCalledWith([fault]);
  await rerender({ value: "forbid (principal, action, resource);" });
  expect(editor.setText).toHaveBeenLastCalledWith("forbid (principal, action, resource);");
  (component as { goTo: (line: number, column: number) => void }).goTo(2, 3);
  expect(editor.goTo).toHaveBeenCalledWith(2, 3);
  unmount();
  expect(editor.destroy).toHaveBeenCalledOnce();
});

it("makes no editor for a field that is gone before it came", async () => {
  const { unmount } = render(CedarField, { label: "Policies", value: "", faults: [] });
  unmount();
  await import("../cedar-editor");
  await Promise.resolve();
  expect(mounted).not.toHaveBeenCalled();
});
