import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { node, press, submit, write } from "../testing";
import AppChange from "./AppChange.svelte";

afterEach(() => vi.unstubAllGlobals());

const app = { app: "app_1", title: "Price list", headline: "Makes it", about: "For sales.", successor: { person: "prs_2" }, keys: 0, registered: "2026-11-22T10:00:00Z" } as unknown as Schemas["App"];

it("sends only what was changed: a successor whose name one may not see stays", async () => {
  const asked = node({ "POST /v1/apps/app_1/change": app });
  const changed = vi.fn();
  render(AppChange, { app, changed });
  await press("Change its words");
  expect((screen.getByLabelText("Title") as HTMLInputElement).value).toBe("Price list");
  await write("Title", " Prices ");
  await submit("Title");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked).toEqual([["POST /v1/apps/app_1/change", { title: "Prices" }]]);
});
