// Passkeys: what the API asks, put to the browser's authenticator, and its answer as the API takes it.
import { ask } from "/pages/fanlight.js";

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Whether this browser can have passkeys for this page at all. */
export const canHavePasskeys = () => "PublicKeyCredential" in window;

/** Waits for the authenticator; says in words for people what went wrong. */
async function authenticator(wait) {
  try {
    return await wait;
  } catch (error) {
    const words = {
      NotAllowedError: "No passkey was given: it was cancelled, took too long, or there is none for this node here.",
      InvalidStateError: "This device has a passkey of yours for this node already.",
      SecurityError: `Passkeys of this node work under another address than ${location.origin}.`,
    };
    throw new Error(words[error.name] || `The browser could not use a passkey: ${error.message}`);
  }
}

/** Has a passkey made, for somebody of that name. */
export async function makePasskey(offer, name, label) {
  const publicKey = {
    rp: { id: offer.party, name: "Fanlight" },
    user: { id: bytes(offer.handle), name, displayName: name },
    challenge: bytes(offer.challenge),
    pubKeyCredParams: offer.algorithms.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: offer.known.map((id) => ({ type: "public-key", id: bytes(id) })),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    attestation: "none",
    timeout: 300_000,
  };
  const made = await authenticator(navigator.credentials.create({ publicKey }));
  return {
    name: label,
    ticket: offer.ticket,
    client_data: text(made.response.clientDataJSON),
    attestation: text(made.response.attestationObject),
  };
}

/** Has a passkey shown: one that this browser or a device near it has for this node. */
export async function showPasskey() {
  const question = await ask("POST", "/v1/login/passkey/question", {});
  const publicKey = {
    rpId: question.party,
    challenge: bytes(question.challenge),
    userVerification: "required",
    timeout: 300_000,
  };
  const shown = await authenticator(navigator.credentials.get({ publicKey }));
  const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
  return {
    ticket: question.ticket,
    credential: text(shown.rawId),
    client_data: text(clientDataJSON),
    authenticator_data: text(authenticatorData),
    signature: text(signature),
    ...(userHandle && { handle: text(userHandle) }),
  };
}

/** What a new passkey is called until its person says otherwise. */
export function deviceName() {
  const system = [["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Mac OS", "Mac"], ["Windows", "Windows"], ["Linux", "Linux"]];
  const found = system.find(([sign]) => navigator.userAgent.includes(sign));
  return found ? found[1] : "This device";
}
