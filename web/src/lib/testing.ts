/** What tests of components share: a node that answers as they say, and somebody who is logged in. */
import { fireEvent, screen } from "@testing-library/svelte";
import { vi } from "vitest";
import type { Schemas } from "./api/client";
import { session } from "./session.svelte";

/** A node with these answers, by method and path; what it was asked comes back, bodies beside. Anything else it does not know. */
export function node(answers: Record<string, unknown>): [string, unknown][] {
  const asked: [string, unknown][] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const text = await request.text();
    asked.push([`${request.method} ${pathname}${search}`, text ? JSON.parse(text) : undefined]);
    const answer = answers[`${request.method} ${pathname}`];
    if (answer instanceof Response) return answer.clone();
    return answer === undefined ? problem(404, `The node has no ${pathname}.`) : Response.json(answer);
  });
  return asked;
}

/** A refusal as the node words it. */
export const problem = (status: number, detail: string, more: object = {}) =>
  new Response(JSON.stringify({ status, title: "No", detail, ...more }), { status, headers: { "Content-Type": "application/problem+json" } });

/** Somebody with these roles is logged in. */
export function as(...roles: string[]) {
  session.account = { person: "prs_1", name: "asha", roles, groups: [], sessions: [], passkeys: [], has_password: true } as unknown as Schemas["Account"];
}

/** Presses a button by its name, in a dialog, too. */
export const press = (name: string | RegExp, which = 0) => fireEvent.click(screen.getAllByRole("button", { name, hidden: true })[which] as HTMLElement);

/** Writes into a field by its label. */
export const write = (label: string | RegExp, value: string) => fireEvent.input(screen.getByLabelText(label), { target: { value } });

/** Sends the form that a field stands in. */
export const submit = (label: string | RegExp) => fireEvent.submit(screen.getByLabelText(label).closest("form") as HTMLFormElement);

/** Chooses one of what can be chosen. Of options the page of tests does not know which is `:checked`, and Svelte asks for that. */
export function choose(label: string | RegExp, value: string) {
  const select = screen.getByLabelText<HTMLSelectElement>(label);
  select.value = value;
  vi.spyOn(select, "querySelector").mockImplementation(() => [...select.options].find((option) => option.value === value) ?? null);
  return fireEvent.change(select);
}
