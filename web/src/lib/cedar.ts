/** Cedar in pieces for showing it: what is a word of the language, a text, an annotation, a remark. Knows no grammar. */
export interface Piece {
  kind: "plain" | "word" | "text" | "note" | "remark";
  text: string;
}

const PIECES =
  /(?<remark>\/\/[^\n]*)|(?<text>"(?:[^"\\]|\\.)*")|(?<note>@[a-z_]+)|(?<word>\b(?:permit|forbid|when|unless|principal|action|resource|context|in|is|has|like|if|then|else|true|false)\b)/g;

/** Put together again they are the text. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(PIECES)) {
    if (match.index > at) found.push({ kind: "plain", text: text.slice(at, match.index) });
    const kind = Object.entries(match.groups ?? {}).find(([, piece]) => piece !== undefined)?.[0] ?? "plain";
    found.push({ kind: kind as Piece["kind"], text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ kind: "plain", text: text.slice(at) });
  return found;
}
