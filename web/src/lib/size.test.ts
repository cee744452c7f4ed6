import { expect, it } from "vitest";
import { size } from "./size";

it.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1 kB"],
  [17_700_000, "17.7 MB"],
  [999_600, "1 MB"],
  [10_000_000_000, "10 GB"],
])("%d is %s", (bytes, words) => expect(size(bytes)).toBe(words));
