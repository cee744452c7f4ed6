/**
 * A call that does something is done once. Each has an `Idempotency-Key`, and keeps it until its answer came: where the answer was
 * lost, the same call is sent again, by this or by whoever presses again, and the node answers as it did before.
 */
import keyed from "./keyed.json";

/** Waits before it is sent again, in milliseconds. */
const WAITS = [400, 1600];

/** The paths of what is done by POST under a key, as the API's document has them. */
const PATHS = new RegExp(`^(${keyed.map((path) => path.replace(/\{\w+\}/g, "[^/]+")).join("|")})$`);

/** Keys of calls of which nobody knows whether they were done, by what was asked. */
const unknown = new Map<string, string>();

const rest = (milliseconds: number) => new Promise((over) => setTimeout(over, milliseconds));

/** Asks the node. */
export async function send(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method !== "POST" || !PATHS.test(pathname)) return fetch(request);
  const call = `${pathname}\n${await request.clone().text()}`;
  const key = unknown.get(call) ?? crypto.randomUUID();
  unknown.set(call, key);
  request.headers.set("Idempotency-Key", key);
  for (let tries = 0; ; tries += 1) {
    const wait = WAITS[tries];
    try {
      const response = await fetch(request.clone());
      // The first of the two is still under way.
      const isEarly = response.status === 409 && response.headers.has("Retry-After");
      if (!isEarly || wait === undefined) {
        if (!isEarly) unknown.delete(call);
        return response;
      }
    } catch (error) {
      if (wait === undefined || request.signal.aborted) throw error;
    }
    await rest(wait);
  }
}
