/** Requests for what is stopped: which are shown, and how one goes into a file. */
import type { Schemas } from "./api/client";

type Request = Schemas["Request"];

export const STATES = ["waiting", "granted", "refused", "all"];

export function fits(request: Request, search: string): boolean {
  return [request.purl, request.because, request.by, request.answer?.because ?? ""].join(" ").toLowerCase().includes(search.toLowerCase());
}

export function rowOfRequest({ id, purl, by, because, asked, state, answer }: Request): object {
  return { id, purl, by, because, asked, state, answered_by: answer?.by, answered: answer?.at, answer: answer?.because };
}
