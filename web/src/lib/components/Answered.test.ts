import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import Answered from "./Answered.svelte";

const answered = (answer: object | undefined, state = "granted") => render(Answered, { request: { id: "req_1", purl: "pkg:pypi/demo@2.0", state, answer } as unknown as Schemas["Request"] });
const answer = { by: "lea", at: "2026-11-22T10:00:00Z", because: "looked at it" };

it("says who granted it, why, until when and for whom", () => {
  const { container } = answered({ ...answer, exception: { id: "exc_1", until: "2026-11-29T10:00:00Z", everybody: true } });
  expect(container.textContent).toMatch(/granted.*Answered by lea.*looked at it.*Holds until.*for everybody/s);
});

it("says when an exception ended before its time, and does not say that it holds", () => {
  const { container } = answered({ ...answer, exception: { id: "exc_1", until: "2026-11-29T10:00:00Z", ended: "2026-11-23T10:00:00Z", everybody: false } });
  expect(container.textContent).toContain("Ended");
  expect(container.textContent).not.toMatch(/Holds until|for everybody/);
  expect([...container.querySelectorAll("time")].at(-1)?.getAttribute("datetime")).toBe("2026-11-23T10:00:00Z");
});

it("does not name a reviewer whose name one may not see", () => {
  answered({ ...answer, by: "prs_0123456789abcdef" }, "refused");
  expect(screen.getByText(/Answered by a reviewer/)).toBeTruthy();
  expect(screen.getByText("refused").className).toContain("refused");
});

it("is nothing where nobody answered", () => {
  expect(answered(undefined, "waiting").container.textContent).toBe("");
});
