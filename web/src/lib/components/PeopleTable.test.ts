import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import PeopleTable from "./PeopleTable.svelte";

const person = (id: string, more: object) => ({ person: id, name: null, roles: [], groups: [], since: "2026-11-22T10:00:00Z", ...more }) as unknown as Schemas["Person"];

it("leads to each person, says who left, and leads to nobody who was erased", () => {
  render(PeopleTable, { people: [person("prs_1", { name: "asha", roles: ["steward"], groups: ["ops"] }), person("prs_2", {}), person("prs_3", { name: "kim", left: "2026-11-22T11:00:00Z" })] });
  expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["/people/prs_1", "/people/prs_3"]);
  expect(screen.getByText(/left/)).toBeTruthy();
  expect(screen.getByText(/erased/).textContent).toContain("prs_2");
  expect(screen.getAllByText("builder").length).toBe(2);
});
