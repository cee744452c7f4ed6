import { describe, expect, it } from "vitest";
import { packageAt, parsePurl, placeOfPurl, toPurl } from "./purl";
import { placeOf } from "./router.svelte";

const PURLS = [
  "pkg:pypi/requests",
  "pkg:pypi/requests@2.32.0",
  "pkg:npm/%40acme/tool@1.0.0-beta.1",
  "pkg:pypi/torch@2.1.0%2Bcpu",
  "pkg:pypi/x@1%212.0",
  "pkg:cargo/libgit2-sys@0.16.2%2B1.7.2",
];

describe("a package's address", () => {
  it.each(PURLS)("of %s leads back to it", (purl) => {
    const address = new URL(placeOfPurl(purl), "http://here");
    const { view, rest } = placeOf(address.pathname);
    expect(view).toBe("packages");
    const found = packageAt(rest, address.searchParams.get("version"));
    expect(found && toPurl(found)).toBe(purl);
  });

  it("is read as people do", () => {
    expect(placeOfPurl("pkg:npm/%40acme/tool@1.0")).toBe("/packages/npm/@acme/tool?version=1.0");
    expect(parsePurl("pkg:npm/%40acme/tool@1.0")).toEqual({ ecosystem: "npm", name: "@acme/tool", version: "1.0" });
    expect(parsePurl("GHSA-1")).toBeUndefined();
    expect(packageAt("", null)).toBeUndefined();
    expect(packageAt("npm/", null)).toBeUndefined();
  });
});
