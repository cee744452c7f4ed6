import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { choose, node, press, problem, submit, write } from "../testing";
import ReviewForm from "./ReviewForm.svelte";

afterEach(() => vi.unstubAllGlobals());
const WHY = "Why, and by which evidence";

it("signs what was found, and begins anew the next time", async () => {
  const asked = node({ "POST /v1/reviews": {} });
  const changed = vi.fn();
  render(ReviewForm, { purl: "pkg:pypi/demo@2.0", changed });
  await press("Review");
  await choose("You find it", "needs-care");
  await write(WHY, " reads the environment ");
  await submit(WHY);
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked).toEqual([["POST /v1/reviews", { purl: "pkg:pypi/demo@2.0", verdict: "needs-care", because: "reads the environment" }]]);
  await press("Review");
  expect((screen.getByLabelText(WHY) as HTMLInputElement).value).toBe("");
});

it("keeps the words where the node does not take them", async () => {
  node({ "POST /v1/reviews": problem(422, "It may be given to others: name nobody.") });
  const changed = vi.fn();
  render(ReviewForm, { purl: "pkg:pypi/demo@2.0", changed });
  await press("Review");
  await write(WHY, "ben wrote it");
  await submit(WHY);
  expect((await screen.findByRole("alert", { hidden: true })).textContent).toContain("name nobody");
  expect((screen.getByLabelText(WHY) as HTMLInputElement).value).toBe("ben wrote it");
  expect(changed).not.toHaveBeenCalled();
});
