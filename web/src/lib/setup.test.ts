import { expect, it } from "vitest";
import { session } from "./session.svelte";
import { setupTopics } from "./setup";
import { as } from "./testing";

it("has settings for auditors and stewards, machines for whoever has a role, and the rest for everybody", () => {
  as();
  expect(setupTopics(session)).toEqual(["clients", "sources", "node"]);
  as("reviewer");
  expect(setupTopics(session)).toEqual(["clients", "machines", "sources", "node"]);
  as("auditor");
  expect(setupTopics(session)).toEqual(["clients", "machines", "sources", "settings", "node"]);
});

it("has the one to which an address led, and none that is not there", () => {
  as();
  expect(setupTopics(session, "settings")).toEqual(["clients", "sources", "settings", "node"]);
  expect(setupTopics(session, "nowhere")).toEqual(["clients", "sources", "node"]);
});
