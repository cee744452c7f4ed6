import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import UpstreamList from "./UpstreamList.svelte";

const upstreams = [
  { ecosystem: "pypi", url: "http://upstream.example/simple/", found: "what pip on this machine uses", reachable: true },
  { ecosystem: "npm", url: null, found: "set packages.npm.upstream", reachable: null },
];

it("says of each door where its packages come from and how that is, with a file of it", () => {
  render(UpstreamList, { upstreams, q: "" });
  expect(screen.getByText("reached")).toBeTruthy();
  expect(screen.getAllByText("no upstream").length).toBe(2);
  expect((screen.getByRole("button", { name: "Export: CSV" }) as HTMLButtonElement).disabled).toBe(false);
});

it("shows what is looked for, and says where nothing fits", async () => {
  const { rerender } = render(UpstreamList, { upstreams, q: "PIP on" });
  expect(screen.queryByText("npm")).toBeNull();
  await rerender({ upstreams, q: "ruby" });
  expect(screen.getByText("Nothing fits")).toBeTruthy();
});
