import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import { press } from "../testing";
import ClientGuide from "./ClientGuide.svelte";

it("leads each client here, by the command first", async () => {
  render(ClientGuide, { address: "http://127.0.0.1:7070/" });
  expect(screen.getByText("fanlight use pip")).toBeTruthy();
  expect(screen.getByText(/From another machine this address leads nowhere/)).toBeTruthy();
  await press("cargo");
  expect(screen.getByText("fanlight use cargo")).toBeTruthy();
  expect(screen.getByText(/sparse\+http:\/\/127.0.0.1:7070\/cargo\//)).toBeTruthy();
});

it("has the key that was just made in its settings", () => {
  render(ClientGuide, { address: "https://fanlight.acme.example/", key: { name: "asha", secret: "flk_x" } });
  expect(screen.getByText(/https:\/\/asha:flk_x@fanlight.acme.example\/pypi\/simple\//)).toBeTruthy();
  expect(screen.getByText(/every fetch names you/)).toBeTruthy();
});
