import { describe, expect, it } from "vitest";
import { key, proofs } from "./proofs.json";
import { NotProved, verify } from "./verify";

const why = (proof: string, by = key) => verify(proof, by).then(() => "holds", (error: unknown) => (error as NotProved).why);
const proof = proofs[0] ?? "";

describe("a proof", () => {
  it.each(proofs)("that a node made holds", async (text) => {
    const found = await verify(text, key);
    expect(text).toContain(`\nindex ${found.index}\n`);
    expect(JSON.parse(new TextDecoder().decode(found.entry))).toMatchObject({ v: 1, node: found.origin });
    expect(text).toContain(`\n${found.root}\n`);
  });

  it("of a record that was changed leads elsewhere", async () => {
    const [, entry = ""] = /extra (\S+)/.exec(proof) ?? [];
    const changed = btoa(atob(entry).replace("allow", "denyy"));
    expect(await why(proof.replace(entry, changed))).toBe("otherRoot");
  });

  it("with another number, a hash less or one more does not hold", async () => {
    expect(await why(proof.replace(/index (\d+)/, (_, index) => `index ${Number(index) ^ 1}`))).toBe("otherRoot");
    expect(await why(proof.replace(/index \d+/, "index 999999"))).toBe("notCovered");
    expect(await why(proof.replace(/(index \d+\n)\S+\n/, "$1"))).toBe("tooShort");
    expect(await why(proof.replace(/(index \d+\n)(\S+\n)/, "$1$2$2"))).toBe("tooLong");
    expect(await why(proof.replace(/(index \d+\n)\S+\n/, "$1AAAA\n"))).toBe("hashLength");
  });

  it("under a checkpoint that was changed, or signed by another, does not hold", async () => {
    expect(await why(proof.replace(/\n(\d+)\n(\S+\n\n—)/, (_, size, rest) => `\n${Number(size) + 1}\n${rest}`))).toBe("notSigned");
    expect(await why(proof.replace(/— (\S+) /, "— somebody/else "))).toBe("notSigned");
    const other = key.replace(/\+([0-9a-f]{8})\+/, "+00000000+");
    expect(await why(proof, other)).toBe("keyId");
    expect(await why(proof, "key")).toBe("keyShape");
    expect(await why("anything\n")).toBe("otherKind");
    expect(await why(proof.replace(/extra \S+/, "extra %%%"))).toBe("notBase64");
  });
});
