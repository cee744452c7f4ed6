import { expect, it } from "vitest";
import type { Schemas } from "./api/client";
import { changesOf } from "./changes";

const at = (hour: number) => `2026-11-22T${String(hour).padStart(2, "0")}:00:00Z`;
const versions = [{ version: 2, since: at(3), by: "asha", because: "no telemetry", files: 2 }, { version: 1, since: at(1), files: 1 }] as unknown as Schemas["PolicyVersion"][];
const exceptions = [{ id: "exc_1", purl: "pkg:pypi/demo@2.0", granted: at(2), ended: at(5), role: "reviewer", by: "lea" }] as unknown as Schemas["Exception"][];
const quarantines = [{ purl: "pkg:npm/%40acme/tables", since: at(4), role: "reviewer" }] as unknown as Schemas["Quarantine"][];

it("puts what was changed into one order, and what ended is a change of its own", () => {
  const found = changesOf(versions, exceptions, quarantines, at(0), 9);
  expect(found.map(({ what }) => what)).toEqual([
    "The exception for demo 2.0 ended",
    "@acme/tables was quarantined",
    "Policies: no telemetry",
    "An exception was made for demo 2.0",
    "Policies: version 1",
  ]);
  expect(found.map(({ by }) => by)).toEqual(["", "reviewer", "asha", "lea", "changed in the folder"]);
  expect(found[1]?.href).toBe("/packages?show=quarantined&q=pkg%3Anpm%2F%2540acme%2Ftables");
});

it("leaves out what is older, and what is too much", () => {
  expect(changesOf(versions, exceptions, quarantines, at(4), 9).length).toBe(2);
  expect(changesOf(versions, exceptions, quarantines, at(0), 3).length).toBe(3);
});

it("does not call it a change that a new node has no policies of its own", () => {
  const first = [{ version: 1, since: at(1), files: 0 }] as unknown as Schemas["PolicyVersion"][];
  expect(changesOf(first, [], [], at(0), 9)).toEqual([]);
});
