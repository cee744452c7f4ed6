import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import Facts from "./Facts.svelte";

it("writes facts as people read them", () => {
  render(Facts, { facts: { age_minutes: 12345, yanked: false, hash: "sha256", classes: ["iban"] } });
  expect(screen.getAllByRole("term").map((term) => term.textContent)).toEqual(["age minutes", "yanked", "hash", "classes"]);
  expect(screen.getAllByRole("definition").map((definition) => definition.textContent)).toEqual(["12,345", "no", "sha256", '["iban"]']);
});
