import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { as, node, problem, submit, write } from "../testing";
import TokenForm from "./TokenForm.svelte";

afterEach(() => vi.unstubAllGlobals());

it("makes a token, and shows it once with the address that has it", async () => {
  as("steward");
  const index = { scheme: "http", host: "127.0.0.1", port: 7070, path: "/pypi/simple/" };
  const asked = node({ "POST /v1/tokens": { token: "flk_x", device: "dev_1", person: "prs_2", index } });
  const changed = vi.fn();
  render(TokenForm, { changed });
  await write("Person", " ben ");
  await write("Machine", "laptop");
  await submit("Machine");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked).toEqual([["POST /v1/tokens", { person: "ben", machine: "laptop" }]]);
  expect(screen.getByRole("status").textContent).toContain("http://ben:flk_x@127.0.0.1:7070/pypi/simple/");
});

it("says why there is none", async () => {
  as("steward");
  node({ "POST /v1/tokens": problem(409, "This person has left.") });
  const changed = vi.fn();
  render(TokenForm, { changed });
  await submit("Machine");
  expect((await screen.findByRole("alert")).textContent).toContain("This person has left.");
  expect(changed).not.toHaveBeenCalled();
});
