import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { as, node, press, submit, write } from "../testing";
import InviteForm from "./InviteForm.svelte";

afterEach(() => vi.unstubAllGlobals());

it("makes a link to give to somebody, and forgets it when it is closed", async () => {
  as("steward");
  const asked = node({ "POST /v1/invitations": { link: "http://node.example/welcome#flw_x", until: "2026-11-23T10:00:00Z" } });
  render(InviteForm);
  await press("Invite somebody");
  await write("Name, as others here know them", " lena ");
  await submit("Name, as others here know them");
  await screen.findByText("http://node.example/welcome#flw_x");
  expect(asked).toEqual([["POST /v1/invitations", { person: "lena" }]]);
  await press("Close");
  await press("Invite somebody");
  expect(screen.queryByText("http://node.example/welcome#flw_x")).toBeNull();
  expect((screen.getByLabelText("Name, as others here know them") as HTMLInputElement).value).toBe("");
});

it("makes a link for somebody who has lost what they log in by, without asking who", async () => {
  as("steward");
  const asked = node({ "POST /v1/invitations": { link: "http://node.example/welcome#flw_y", until: "2026-11-23T10:00:00Z" } });
  render(InviteForm, { whom: "ben" });
  await press("Invite them again");
  expect(screen.getByText(/its sessions end/)).toBeTruthy();
  await fireEvent.submit(document.querySelector("form") as HTMLFormElement);
  await screen.findByText("http://node.example/welcome#flw_y");
  expect(asked).toEqual([["POST /v1/invitations", { person: "ben" }]]);
});
