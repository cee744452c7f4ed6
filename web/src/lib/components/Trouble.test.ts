import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import { Refusal } from "../api/client";
import Trouble from "./Trouble.svelte";

it("says why, what to do and under which number the log has more", async () => {
  const again = vi.fn();
  render(Trouble, { refusal: new Refusal(403, "Denied", "Nobody may.", "Ask a steward.", [], "00ff"), again });
  expect(screen.getByRole("alert").textContent).toMatch(/Nobody may\.\s*Ask a steward\.\s*.*00ff/);
  await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(again).toHaveBeenCalledOnce();
});
