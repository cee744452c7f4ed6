/** The admin API, typed by its own document. Every answer is what was asked for or a `Refusal` with words for people. */
import createClient from "openapi-fetch";
import { words } from "../words";
import { send } from "./once";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** What the node says when it does not do what was asked (RFC 9457). */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
    readonly advice: string | undefined,
    readonly policies: readonly string[],
    readonly request: string | undefined,
  ) {
    super(detail);
  }

  /** Whether the node itself could not be reached. */
  get isAbsence() {
    return this.status === 0;
  }

  /** Whether a second factor shown anew would let it pass. */
  get wantsFreshFactor() {
    return this.policies.includes("fresh-second-factor");
  }
}

interface Problem {
  title?: string;
  detail?: string;
  advice?: string | null;
  policies?: string[] | null;
  request?: string | null;
}

/** Of the answer to a request that went wrong. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const problem = (await response.json().catch(() => ({}))) as Problem;
  return made(response.status, problem);
}

function made(status: number, problem: Problem): Refusal {
  const title = problem.title ?? `The node answered with ${status}`;
  let detail = problem.detail ?? title;
  // Where no policy lets it pass there is none that could say what to do.
  const isUnopened = status === 403 && !problem.advice && !problem.policies?.length;
  const advice = problem.advice ?? (isUnopened ? words.trouble.noRole : undefined);
  // The detail repeats the advice for programs that show only that.
  if (advice && detail.endsWith(advice)) detail = detail.slice(0, -advice.length).trim();
  // A cause of the node's own begins small, as in its log.
  detail = detail.slice(0, 1).toUpperCase() + detail.slice(1);
  return new Refusal(status, title, detail, advice, problem.policies ?? [], problem.request ?? undefined);
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

type Answered<T> = { data?: T; error?: unknown; response: Response };

/** What was asked for; throws a `Refusal` otherwise. Who is not logged in is led to where they can. */
export async function got<T>(asking: Promise<Answered<T>>): Promise<NonNullable<T>> {
  let answered: Answered<T>;
  try {
    answered = await asking;
  } catch {
    throw new Refusal(0, "No answer", "The node does not answer.", "Is it running? This page tries again by itself.", [], undefined);
  }
  const { data, error, response } = answered;
  if (response.ok && data !== undefined && data !== null) return data;
  if (response.status === 401) toLogin();
  throw made(response.status, (error ?? {}) as Problem);
}

/** Leaves for the page where people log in. */
export function toLogin() {
  location.assign("/login");
}

/** Lines of JSON as they come. */
export async function* lines<T>(path: string, body: unknown, signal?: AbortSignal): AsyncGenerator<T> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ?? null,
  }).catch(() => {
    throw made(0, { title: "No answer", detail: "The node does not answer." });
  });
  if (response.status === 401) toLogin();
  if (!response.ok || !response.body) throw await refusalOf(response);
  let rest = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    rest += value ?? "";
    const parts = rest.split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) if (part) yield JSON.parse(part) as T;
    if (done) return;
  }
}
