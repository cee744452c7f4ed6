import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import AppWords from "./AppWords.svelte";

it("takes no more than the node does, and nothing empty", () => {
  render(AppWords, { title: "Price list", headline: "", about: "", successor: "" });
  const fields = screen.getAllByRole("textbox") as HTMLInputElement[];
  expect(fields.map(({ maxLength }) => maxLength)).toEqual([60, 120, 600, 255]);
  expect(fields.every(({ required }) => required)).toBe(true);
  expect((screen.getByLabelText("Title") as HTMLInputElement).value).toBe("Price list");
});
