/** Packages by name: purls (`pkg:npm/%40acme/tool@1.0`) as people read them, and as addresses of the console. */

export interface Package {
  /** `pypi`, `npm`, `cargo`. */
  ecosystem: string;
  /** `@acme/tool`. */
  name: string;
  /** Nothing for a project. */
  version: string | undefined;
}

export function parsePurl(purl: string): Package | undefined {
  const match = /^pkg:([a-z]+)\/([^@]+?)(?:@([^@]+))?$/.exec(purl);
  if (!match?.[1] || !match[2]) return undefined;
  return {
    ecosystem: match[1],
    name: decodeURIComponent(match[2]),
    version: match[3] === undefined ? undefined : decodeURIComponent(match[3]),
  };
}

const encoded = (text: string) => encodeURIComponent(text).replace(/!/g, "%21");

export function toPurl({ ecosystem, name, version }: Package): string {
  const path = name.split("/").map(encoded).join("/");
  return `pkg:${ecosystem}/${path}${version === undefined ? "" : `@${encoded(version)}`}`;
}

/** Where the console shows it: `/packages/npm/@acme/tool?version=1.0`. */
export function placeOfPurl(purl: string): string {
  const found = parsePurl(purl);
  if (!found) return "/packages";
  const path = found.name.split("/").map((part) => encodeURIComponent(part).replace("%40", "@"));
  const version = found.version === undefined ? "" : `?version=${encodeURIComponent(found.version)}`;
  return `/packages/${found.ecosystem}/${path.join("/")}${version}`;
}

/** Of the rest of such an address; nothing where it names no package. */
export function packageAt(rest: string, version: string | null): Package | undefined {
  const [ecosystem, ...name] = rest.split("/");
  if (!ecosystem || name.length === 0 || name[0] === "") return undefined;
  return { ecosystem, name: name.join("/"), version: version ?? undefined };
}

const ECOSYSTEMS: Record<string, string> = { pypi: "Python", npm: "npm", cargo: "Rust" };

/** The ecosystem in a word. */
export const ecosystemName = (ecosystem: string) => ECOSYSTEMS[ecosystem] ?? ecosystem;
