import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import { choose } from "../testing";
import AudienceField from "./AudienceField.svelte";

const choices = () => [...(screen.getByLabelText("For whom") as HTMLSelectElement).options].map((option) => option.text);
const forWhom = (value: string) => choose("For whom", value);

it("asks for a name only where one is needed, and forgets it with another choice", async () => {
  render(AudienceField, { audience: "person", who: "", person: "Only ben" });
  expect(choices()).toEqual(["Only ben", "A group", "An app", "Everybody"]);
  expect(screen.queryByRole("textbox")).toBeNull();
  await forWhom("group");
  const group = screen.getByLabelText("Name of the group") as HTMLInputElement;
  expect([group.required, new RegExp(`^(?:${group.pattern})$`, "v").test("sales"), new RegExp(`^(?:${group.pattern})$`, "v").test("Sales")]).toEqual([true, true, false]);
  await fireEvent.input(group, { target: { value: "sales" } });
  await forWhom("app");
  const app = screen.getByLabelText(/Its id/) as HTMLInputElement;
  expect(app.value).toBe("");
  expect(new RegExp(`^(?:${app.pattern})$`, "v").test("app_0123456789abcdef")).toBe(true);
  await forWhom("everybody");
  expect(screen.queryByRole("textbox")).toBeNull();
});

it("names one person and never everybody where somebody has to be named", () => {
  render(AudienceField, { audience: "person", who: "", person: "One person", named: true });
  expect(choices()).not.toContain("Everybody");
  expect((screen.getByLabelText("Their name") as HTMLInputElement).required).toBe(true);
});
