import { beforeEach, expect, it } from "vitest";
import { placeOf, router } from "./router.svelte";

beforeEach(() => router.go("/"));

it("reads a view and the rest of a path", () => {
  expect(placeOf("/")).toEqual({ view: "today", rest: "" });
  expect(placeOf("/packages/npm/%40acme/tool")).toEqual({ view: "packages", rest: "npm/@acme/tool" });
});

it("changes a part of the query and leaves the rest", () => {
  router.go("/activity?who=asha&outcome=hold");
  router.set({ outcome: null, door: "packages" });
  expect(location.pathname + location.search).toBe("/activity?who=asha&door=packages");
  expect(router.query.get("outcome")).toBeNull();
});

it("follows links of its own views and no others", () => {
  const follow = (html: string, init: MouseEventInit = {}) => {
    document.body.innerHTML = html;
    let prevented = true;
    document.body.onclick = (event) => {
      router.follow(event, ["packages"]);
      prevented = event.defaultPrevented;
      event.preventDefault();
    };
    document.body.querySelector("a")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...init }));
    return prevented;
  };
  expect(follow(`<a href="/packages/pypi/rich"><b>rich</b></a>`)).toBe(true);
  expect(router.place.rest).toBe("pypi/rich");
  expect(follow(`<a href="/account">me</a>`)).toBe(false);
  expect(follow(`<a href="https://elsewhere.example/packages">x</a>`)).toBe(false);
  expect(follow(`<a href="/packages">x</a>`, { ctrlKey: true })).toBe(false);
});
