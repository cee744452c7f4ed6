import { render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, it } from "vitest";
import Empty from "./Empty.svelte";

it("says why there is nothing, and offers what to do next", () => {
  const children = createRawSnippet(() => ({ render: () => "<a href='/setup'>Set up a client</a>" }));
  const { container } = render(Empty, { title: "Nothing has come through yet", advice: "Lead a client here.", children });
  expect([...container.querySelectorAll("p")].map((one) => one.textContent)).toEqual(["Nothing has come through yet", "Lead a client here."]);
  expect(screen.getByRole("link", { name: "Set up a client" })).toBeTruthy();
});

it("leaves no room for actions where there are none", () => {
  const { container } = render(Empty, { title: "Nobody waits", advice: "All is answered." });
  expect(container.querySelector(".actions")).toBeNull();
});
