import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { router } from "../router.svelte";
import { node } from "../testing";
import UsedPackages from "./UsedPackages.svelte";

afterEach(() => {
  vi.unstubAllGlobals();
  router.go("/apps/app_1");
});

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

it("is looked through without touching what the keys beside are looked for by", async () => {
  const one = (release: string) => ({ release, file: `${release}.whl`, times: 1, last: "2026-11-22T10:00:00Z" });
  node({ "GET /v1/apps/app_1/used": { packages: [one("pkg:pypi/demo@1.0"), one("pkg:npm/tables@3.1")], refused: [{ release: "pkg:pypi/late@2.0", outcome: "hold", reason: "it is new", at: "2026-11-22T10:00:00Z" }], truncated: false } });
  router.go("/apps/app_1?q=laptop&package=TABLES");
  render(UsedPackages, { app: "app_1" });
  expect((await screen.findAllByRole("listitem")).map((row) => row.textContent)).toEqual([expect.stringContaining("tables")]);
  router.set({ package: "held" });
  await vi.waitFor(() => expect(screen.getByRole("listitem").textContent).toContain("it is new"));
  router.set({ package: "nothing like it" });
  await screen.findByText(/Nothing fits/);
  expect(screen.queryByRole("listitem")).toBeNull();
  expect(router.query.get("q")).toBe("laptop");
});
