/** Passkeys: what the node asks, put to the browser's authenticator, and its answer as the API takes it. */
import { Refusal, type Schemas } from "./api/client";
import { words } from "./words";

const bytes = (text: string) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const text = (buffer: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** Whether this browser can have passkeys for this page at all. */
export const canHavePasskeys = () => "PublicKeyCredential" in globalThis;

const refused = (detail: string, advice?: string) => new Refusal(0, "", detail, advice, [], undefined);

/** Has one shown that fits the question. */
export async function showPasskey(question: Schemas["PasskeyQuestion"]): Promise<Schemas["PasskeyShown"]> {
  const publicKey = { rpId: question.party, challenge: bytes(question.challenge), userVerification: "required", timeout: 300_000 } as const;
  const shown = (await navigator.credentials.get({ publicKey }).catch((error: unknown) => {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "SecurityError") throw refused(words.passkey.elsewhere(location.origin), words.passkey.elsewhereAdvice(question.party));
    throw refused(name === "NotAllowedError" ? words.passkey.none : words.passkey.failed, words.passkey.advice);
  })) as PublicKeyCredential | null;
  if (!shown) throw refused(words.passkey.none, words.passkey.advice);
  const answer = shown.response as AuthenticatorAssertionResponse;
  return {
    ticket: question.ticket,
    credential: text(shown.rawId),
    client_data: text(answer.clientDataJSON),
    authenticator_data: text(answer.authenticatorData),
    signature: text(answer.signature),
    ...(answer.userHandle ? { handle: text(answer.userHandle) } : {}),
  };
}
