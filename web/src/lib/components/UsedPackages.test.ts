import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { node } from "../testing";
import UsedPackages from "./UsedPackages.svelte";

afterEach(() => vi.unstubAllGlobals());

it("shows what an app fetched, what it was refused and why", async () => {
  node({
    "GET /v1/apps/app_1/used": {
      packages: [{ release: "pkg:pypi/demo@1.0", file: "demo-1.0.tar.gz", times: 3, last: "2026-11-22T10:00:00Z" }],
      refused: [{ release: "pkg:pypi/demo@2.0", outcome: "hold", reason: "it is new", at: "2026-11-22T10:00:00Z" }],
      truncated: true,
    },
  });
  render(UsedPackages, { app: "app_1" });
  const [fetched, refused] = await screen.findAllByRole("listitem");
  expect(fetched?.textContent).toMatch(/demo1.0.*3 times/);
  expect(refused?.textContent).toMatch(/it is new.*held/);
  expect(screen.getByText("There is more; these are the latest.")).toBeTruthy();
});

it("says that an app has fetched nothing yet", async () => {
  node({ "GET /v1/apps/app_1/used": { packages: [], refused: [], truncated: false } });
  render(UsedPackages, { app: "app_1" });
  await screen.findByText("It has fetched no package.");
});
