import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { router } from "../router.svelte";
import { choose, node, problem } from "../testing";
import SettingList from "./SettingList.svelte";

afterEach(() => {
  vi.unstubAllGlobals();
  router.go("/setup/settings");
});

const SETTINGS = [
  { setting: "state", value: "/srv/state", from: "--state", about: "What the node keeps." },
  { setting: "listen.address", value: "127.0.0.1:7071", from: "--listen", about: "Where the node listens." },
  { setting: "packages.cooldown", value: "7d", from: "default", about: "How long a release waits. See `packages.cooldown_for`." },
  { setting: "packages.pypi.upstream", value: "", from: "default", about: "Where packages come from." },
  { setting: "tell.webhook", value: "", from: "default", about: "Who is told." },
];
const shown = () => screen.queryAllByRole("listitem").map((row) => row.textContent?.replace(/\s+/g, " ").trim());

it("says of each setting its value, what it is for, and where it came from", async () => {
  node({ "GET /v1/settings": { file: "/srv/fanlight.toml", settings: SETTINGS } });
  render(SettingList);
  await screen.findByText(/Read from \/srv\/fanlight.toml .* 2 of them were set/);
  expect(shown()).toEqual([
    "state /srv/state --state What the node keeps.",
    "listen.address 127.0.0.1:7071 --listen Where the node listens.",
    "packages.cooldown 7d as it comes How long a release waits. See packages.cooldown_for.",
    "packages.pypi.upstream the one that was found as it comes Where packages come from.",
    "tell.webhook none as it comes Who is told.",
  ]);
  expect(screen.getAllByRole("heading").map((heading) => heading.textContent)).toEqual(["The node", "Where it listens", "Packages", "Telling people"]);
  expect(screen.getByRole("link", { name: "the one that was found" }).getAttribute("href")).toBe("/setup/sources");
});

it("is looked through by what a setting is for, and by whether somebody set it", async () => {
  node({ "GET /v1/settings": { settings: SETTINGS } });
  router.go("/setup/settings?q=WAITS");
  render(SettingList);
  await screen.findByText(/There was no settings file/);
  expect(shown()).toEqual([expect.stringMatching(/^packages.cooldown/)]);
  router.go("/setup/settings");
  await screen.findByLabelText("Which");
  await choose("Which", "set");
  expect(router.search).toBe("?kind=set");
  expect(shown()).toEqual([expect.stringMatching(/^state/), expect.stringMatching(/^listen.address/)]);
});

it("says so where nobody set anything", async () => {
  router.go("/setup/settings?kind=set");
  node({ "GET /v1/settings": { settings: SETTINGS.slice(2) } });
  render(SettingList);
  await screen.findByText("Nothing was set");
});

it("says who may see them to whom the node refuses it", async () => {
  node({ "GET /v1/settings": problem(403, "Settings are shown to auditors and stewards. Ask one.", { advice: "Ask one." }) });
  render(SettingList);
  expect((await screen.findByRole("alert")).textContent).toMatch(/shown to auditors and stewards.*Ask one/s);
  expect(screen.queryByLabelText("Which")).toBeNull();
});
