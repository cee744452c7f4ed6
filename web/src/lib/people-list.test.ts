import { expect, it } from "vitest";
import { plannedOf, recordsOf, rowOfPlanned } from "./people-list";

it("reads what spreadsheets write", () => {
  expect(recordsOf('\ufeffname,groups\r\n"Lee, Kim",a b\r\n\r\n"O""Hara" , "x\ny"\r\n')).toEqual([
    ["name", "groups"],
    ["Lee, Kim", "a b"],
    ['O"Hara', "x\ny"],
  ]);
  expect(recordsOf("")).toEqual([]);
  expect(recordsOf("name\nlast without an end")).toEqual([["name"], ["last without an end"]]);
});

const told = {
  new: ["kim"],
  back: ["mia"],
  leaving: ["ben"],
  joins: [
    { person: "kim", group: "sales" },
    { person: "asha", group: "finance" },
    { person: "asha", group: "sales" },
  ],
  leaves: [{ person: "asha", group: "hr" }],
  unchanged: 1,
  refused: [{ line: 7, why: "The name stands on line 2 already." }],
  left_out: ["room"],
};

it("says of each line what comes of it", () => {
  const planned = plannedOf("Name,groups,active\nkim,sales,\nasha,finance sales,yes\nben,,no\nmia,,\nlea,,\nkim,,\n", told);
  expect(planned.map(({ line, name, what }) => [line, name, what])).toEqual([
    [2, "kim", "new"],
    [3, "asha", "moves"],
    [4, "ben", "leaving"],
    [5, "mia", "back"],
    [6, "lea", "unchanged"],
    [7, "kim", "refused"],
  ]);
  expect(planned[1]).toMatchObject({ joins: ["finance", "sales"], leaves: ["hr"] });
  expect(planned[5]?.why).toBe("The name stands on line 2 already.");
  expect(rowOfPlanned(planned[1]!)).toEqual({ line: 3, name: "asha", what: "moves", into: "finance sales", out_of: "hr", why: undefined });
});
