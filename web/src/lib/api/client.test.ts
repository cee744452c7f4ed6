import { afterEach, expect, it, vi } from "vitest";
import { got, lines, Refusal, refusalOf } from "./client";

afterEach(() => vi.unstubAllGlobals());

const problem = (status: number, body: object) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/problem+json" } });

it("tells a refusal once, with what to do instead", async () => {
  const body = { title: "No", detail: "It is held. Ask for it.", advice: "Ask for it.", policies: ["fresh-second-factor"], request: "00ff" };
  const refusal = await refusalOf(problem(403, body));
  expect(refusal.message).toBe("It is held.");
  expect([refusal.advice, refusal.request, refusal.wantsFreshFactor, refusal.isAbsence]).toEqual(["Ask for it.", "00ff", true, false]);
});

it("says what to do where no policy lets something pass, and leaves it to a policy that stops it", async () => {
  const refusal = await refusalOf(problem(403, { title: "Denied", detail: "No policy permits console:erase-person for this caller and this thing." }));
  expect(refusal.advice).toMatch(/Ask a steward/);
  expect((await refusalOf(problem(403, { title: "Denied", detail: "Not now.", policies: ["not-now"] }))).advice).toBeUndefined();
  expect((await refusalOf(problem(409, { title: "No", detail: "It is over." }))).advice).toBeUndefined();
});

it("has words for a node that is gone and for an answer that is none", async () => {
  const gone = await got(Promise.reject(new TypeError("failed to fetch"))).catch((error: unknown) => error);
  expect(gone).toBeInstanceOf(Refusal);
  expect((gone as Refusal).isAbsence).toBe(true);
  expect((await refusalOf(new Response("<html>", { status: 502 }))).message).toBe("The node answered with 502");
});

it("gives lines as they come, however they are cut", async () => {
  const parts = ['{"a":1}\n{"a"', ":2}\n\n", '{"a":3}\n'];
  const body = new ReadableStream({
    start(out) {
      for (const part of parts) out.enqueue(new TextEncoder().encode(part));
      out.close();
    },
  });
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body)));
  const found: unknown[] = [];
  for await (const line of lines<{ a: number }>("/v1/x", {})) found.push(line.a);
  expect(found).toEqual([1, 2, 3]);
});
