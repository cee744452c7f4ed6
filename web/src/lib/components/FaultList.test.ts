import { render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import { press } from "../testing";
import FaultList from "./FaultList.svelte";

const fault = (line: number, message: string) => ({ file: "a.cedar", line, column: 2, message });

it("leads to the place of each, what is wrong before what may be", async () => {
  const goTo = vi.fn();
  render(FaultList, { faults: [fault(3, "no such fact")], warnings: [fault(1, "never holds")], goTo });
  expect(screen.getAllByRole("listitem").map((item) => item.textContent?.replace(/\s+/g, " ").trim())).toEqual(["a.cedar, line 3, column 2 no such fact", "a.cedar, line 1, column 2 never holds"]);
  await press("a.cedar, line 3, column 2");
  expect(goTo).toHaveBeenCalledWith(fault(3, "no such fact"));
});
