import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { session } from "../session.svelte";
import KeyList from "./KeyList.svelte";

afterEach(() => vi.unstubAllGlobals());

const key = (more: object) => ({ key: "key_1", label: "the laptop", scopes: ["packages"], made: "2026-11-22T10:00:00Z", until: "2027-11-22T10:00:00Z", public: false, ...more });

function node(keys: object[]) {
  const asked: [string, unknown][] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push([`${request.method} ${new URL(request.url).pathname}`, request.method === "POST" ? await request.json() : undefined]);
    return Response.json(request.method === "POST" ? { key: "key_2", secret: "flk_1_2_3", scopes: ["packages"], until: "2027-02-20T10:00:00Z" } : { keys });
  });
  return asked;
}

it("lists one's own keys and nobody else's, makes one and tells its secret once", async () => {
  session.account = { person: "prs_1", roles: ["steward"] } as unknown as Schemas["Account"];
  const asked = node([key({ person: "prs_1" }), key({ key: "key_3", label: "another's", person: "prs_2" }), key({ key: "key_4", label: "an app's", app: "app_1" })]);
  const told = vi.fn();
  render(KeyList, { told });
  expect((await screen.findByRole("listitem")).textContent).toContain("the laptop");
  await fireEvent.input(screen.getByLabelText("Where it will be used"), { target: { value: " my scripts " } });
  await fireEvent.submit(screen.getByLabelText("Where it will be used").closest("form") as HTMLFormElement);
  await vi.waitFor(() => expect(told).toHaveBeenCalledWith("flk_1_2_3"));
  expect(asked).toContainEqual(["GET /v1/keys/own", undefined]);
  expect(asked).toContainEqual(["POST /v1/keys", { label: "my scripts", scopes: ["packages"], days: 90 }]);
  expect(screen.getByRole("status").textContent).toContain("flk_1_2_3");
});

it("has the node look for an app's keys by its title, for who may see all of them", async () => {
  session.account = { person: "prs_1", roles: ["steward"] } as unknown as Schemas["Account"];
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(new URL(request.url).pathname + new URL(request.url).search);
    return Response.json({ keys: [key({ app: "app_1" }), key({ key: "key_5", label: "another's", app: "app_2" })] });
  });
  render(KeyList, { app: { app: "app_1", title: "Price list" } });
  expect((await screen.findByRole("listitem")).textContent).toContain("the laptop");
  expect(asked).toEqual(["/v1/keys?q=Price%20list&limit=1000"]);
});

it("says of an app's keys that there are none yet", async () => {
  session.account = { person: "prs_1", roles: [] } as unknown as Schemas["Account"];
  node([key({ person: "prs_1" })]);
  render(KeyList, { app: { app: "app_1", title: "Price list" } });
  expect(await screen.findByText(/An app calls the node/)).toBeTruthy();
});
