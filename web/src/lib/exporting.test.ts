import { expect, it } from "vitest";
import { toCsv } from "./exporting";

it("writes every member, quotes what must be, and starts no formula", () => {
  const rows = [{ purl: "pkg:pypi/a", because: 'it says "no", twice' }, { purl: "=1+1", times: -3, facts: { age: 1 } }];
  expect(toCsv(rows)).toBe(
    'purl,because,times,facts\r\npkg:pypi/a,"it says ""no"", twice",,\r\n\'=1+1,,-3,"{""age"":1}"\r\n',
  );
  expect(toCsv([])).toBe("\r\n");
});
