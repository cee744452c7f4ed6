import { afterEach, expect, it, vi } from "vitest";
import { Refusal } from "./api/client";
import { showPasskey } from "./passkey";

afterEach(() => vi.unstubAllGlobals());

const question = { party: "localhost", challenge: "-_8", ticket: "sealed" };
const buffer = (...bytes: number[]) => Uint8Array.from(bytes).buffer;

function browser(get: (options: { publicKey: { rpId: string; challenge: Uint8Array } }) => Promise<unknown>) {
  const asked = vi.fn(get);
  vi.stubGlobal("navigator", { credentials: { get: asked } });
  return asked;
}

it("puts the node's question to the browser, and gives its answer as the node reads it", async () => {
  const response = { clientDataJSON: buffer(251, 255), authenticatorData: buffer(1), signature: buffer(2), userHandle: buffer(3) };
  const asked = browser(async () => ({ rawId: buffer(0, 16), response }));
  expect(await showPasskey(question)).toEqual({ ticket: "sealed", credential: "ABA", client_data: "-_8", authenticator_data: "AQ", signature: "Ag", handle: "Aw" });
  const { publicKey } = asked.mock.lastCall?.[0] ?? {};
  expect(publicKey).toMatchObject({ rpId: "localhost", userVerification: "required" });
  expect([...(publicKey?.challenge ?? [])]).toEqual([251, 255]);
});

it("says in words what the browser would not do", async () => {
  for (const [name, words] of [
    ["NotAllowedError", "No passkey was given"],
    ["SecurityError", "do not work under http://node.example"],
    ["UnknownError", "could not use a passkey"],
  ]) {
    browser(() => Promise.reject(new DOMException("no", name)));
    const refused = await showPasskey(question).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refusal);
    expect((refused as Refusal).message).toContain(words);
  }
});
