import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import Copy from "./Copy.svelte";

it("takes the text along and says so", async () => {
  const writeText = vi.fn(async () => undefined);
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText } });
  render(Copy, { text: "fanlight use pip" });
  await fireEvent.click(screen.getByRole("button"));
  expect(writeText).toHaveBeenCalledWith("fanlight use pip");
  expect(await screen.findByText("Copied")).toBeTruthy();
  vi.unstubAllGlobals();
});
