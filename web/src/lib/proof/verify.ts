/**
 * Checks in the browser that a record is in the ledger: leaf and path hashed to the root (RFC 9162, section 2.1.3.2), the root under
 * a checkpoint signed by the ledger's key (C2SP tlog-proof, tlog-checkpoint, signed-note). Believes nothing the node says of it.
 */

import { words } from "../words";

export interface Verified {
  /** The record's bytes. */
  entry: Uint8Array<ArrayBuffer>;
  /** Its number. */
  index: number;
  /** How many records the checkpoint covers. */
  size: number;
  /** The ledger's name. */
  origin: string;
  /** The root hash, base 64. */
  root: string;
  /** The hashes on the way to it. */
  steps: number;
}

/** Why a proof does not hold. */
export class NotProved extends Error {
  constructor(readonly why: keyof typeof words.proof.faults) {
    super(words.proof.faults[why]);
  }
}

const decode = (text: string): Uint8Array<ArrayBuffer> => {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    throw new NotProved("notBase64");
  }
};

const encode = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

async function sha256(...parts: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, at) => byte === b[at]);

/** The root that a leaf and its path lead to. */
async function rootOf(leaf: Uint8Array<ArrayBuffer>, index: number, size: number, path: Uint8Array<ArrayBuffer>[]) {
  // Numbers of records are whole below 2^53, which shifts of 32 bits would cut.
  let [fn, sn] = [BigInt(index), BigInt(size - 1)];
  let hash = leaf;
  for (const other of path) {
    if (sn === 0n) throw new NotProved("tooLong");
    if (fn % 2n === 1n || fn === sn) {
      hash = await sha256(Uint8Array.of(1), other, hash);
      while (fn % 2n === 0n && fn !== 0n) {
        fn /= 2n;
        sn /= 2n;
      }
    } else {
      hash = await sha256(Uint8Array.of(1), hash, other);
    }
    fn /= 2n;
    sn /= 2n;
  }
  if (sn !== 0n) throw new NotProved("tooShort");
  return hash;
}

/** The name, the id and the public key in a line `name+id+key`. */
async function readKey(line: string) {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(line.trim());
  if (!match) throw new NotProved("keyShape");
  const [, name = "", id = "", text = ""] = match;
  const key = decode(text);
  const named = await sha256(new TextEncoder().encode(`${name}\n`), key);
  const hex = [...named.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (key.length !== 33 || key[0] !== 1 || hex !== id) throw new NotProved("keyId");
  return { name, id: named.slice(0, 4), key: key.slice(1) };
}

async function isSigned(note: string, signatures: string[], line: string) {
  const { name, id, key } = await readKey(line);
  const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  for (const signature of signatures) {
    const [, signer, text] = /^— (\S+) (\S+)$/.exec(signature) ?? [];
    if (signer !== name || !text) continue;
    const bytes = decode(text);
    if (!same(bytes.slice(0, 4), id)) continue;
    if (await crypto.subtle.verify("Ed25519", imported, bytes.slice(4), new TextEncoder().encode(note))) return;
  }
  throw new NotProved("notSigned");
}

/** Checks a proof with the key of whoever checks. */
export async function verify(proof: string, key: string): Promise<Verified> {
  const [head = "", ...parts] = proof.split("\n\n");
  const lines = head.split("\n");
  const member = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  if (lines[0] !== "c2sp.org/tlog-proof@v1") throw new NotProved("otherKind");
  const entry = decode(member("extra") ?? "");
  const index = Number(member("index"));
  const from = lines.findIndex((line) => line.startsWith("index "));
  const path = lines.slice(from + 1).filter(Boolean).map(decode);

  const note = `${parts[0] ?? ""}\n`;
  const signatures = (parts[1] ?? "").split("\n").filter(Boolean);
  const [origin = "", said = "", root = ""] = note.split("\n");
  const size = Number(said);
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) {
    throw new NotProved("notCovered");
  }
  if (path.some((hash) => hash.length !== 32)) throw new NotProved("hashLength");
  await isSigned(note, signatures, key);
  const reached = await rootOf(await sha256(Uint8Array.of(0), entry), index, size, path);
  if (!same(reached, decode(root))) throw new NotProved("otherRoot");
  return { entry, index, size, origin, root: encode(reached), steps: path.length };
}
