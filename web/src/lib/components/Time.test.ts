import { render } from "@testing-library/svelte";
import { expect, it } from "vitest";
import { atTime } from "../time";
import Time from "./Time.svelte";

const AT = "2020-01-02T03:04:05Z";
const time = (exact: boolean) => render(Time, { at: AT, exact }).container.querySelector("time") as HTMLElement;

it("says it as people do, with the exact one on demand and for programs", () => {
  const shown = time(false);
  expect([shown.getAttribute("datetime"), shown.title]).toEqual([AT, atTime(AT)]);
  expect(shown.textContent).not.toBe(atTime(AT));
});

it("is exact where that counts", () => {
  expect(time(true).textContent).toBe(atTime(AT));
});
