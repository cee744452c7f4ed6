import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { as, node, press, submit, write } from "../testing";
import ReleaseActions from "./ReleaseActions.svelte";

afterEach(() => vi.unstubAllGlobals());

const release = (outcome: string, askable: boolean) => ({ version: "2.0", outcome, askable }) as unknown as Schemas["Release"];
const names = () => screen.queryAllByRole("button").map((button) => button.textContent?.trim());

it("lets a builder ask for what is stopped, and says what they can have instead", async () => {
  as();
  const asked = node({ "POST /v1/requests": { already: false, instead: "1.0" } });
  render(ReleaseActions, { purl: "pkg:pypi/demo@2.0", release: release("hold", true), changed: vi.fn() });
  expect(names()).toEqual(["Ask for it"]);
  await press("Ask for it");
  await write("What you need it for", "the build");
  await submit("What you need it for");
  expect((await screen.findByRole("status")).textContent).toContain("Meanwhile you can have 1.0.");
  expect(asked).toEqual([["POST /v1/requests", { purl: "pkg:pypi/demo@2.0", because: "the build" }]]);
});

it("lets a reviewer stop a release, or the whole project", async () => {
  as("reviewer");
  const asked = node({ "POST /v1/quarantines": {} });
  const changed = vi.fn();
  render(ReleaseActions, { purl: "pkg:pypi/demo@2.0", release: release("allow", false), changed });
  expect(names()).toEqual(["Review", "Quarantine"]);
  await press("Quarantine");
  await write("Why", "it reads tokens");
  await submit("Why");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked).toEqual([["POST /v1/quarantines", { purl: "pkg:pypi/demo@2.0", because: "it reads tokens" }]]);
});
