import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { node, press, submit, write } from "../testing";
import BreakGlassForm from "./BreakGlassForm.svelte";

afterEach(() => vi.unstubAllGlobals());

it("lets a release pass for somebody with a name, for a time, with a reason", async () => {
  const asked = node({ "POST /v1/exceptions": {} });
  const changed = vi.fn();
  render(BreakGlassForm, { purl: "pkg:pypi/demo@2.0", changed });
  await press("Break the glass");
  expect([...(screen.getByLabelText("For whom") as HTMLSelectElement).options].map((option) => option.text)).not.toContain("Everybody");
  await write("Their name", " mia ");
  await write("Why", "the line stands still");
  await submit("Why");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked).toEqual([["POST /v1/exceptions", { purl: "pkg:pypi/demo@2.0", because: "the line stands still", seconds: 28800, audience: { person: "mia" } }]]);
});
