/** What is done with the built pages: told which files each view needs, weighed, and packed. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

type Bundle = Record<string, Pick<Rolldown.OutputChunk, "type" | "imports" | "isEntry" | "facadeModuleId"> | { type: "asset" }>;

const DIST = new URL("../dist/", import.meta.url);
/** What a first page may weigh, in bytes as they are sent by gzip. */
export const MOST = 250_000;
/** What every view has besides scripts: the styles of all, and the typeface's file of which English needs no other. */
const ALWAYS = /\.css$|inter-latin-wght-normal.*\.woff2$/;

/** A chunk with all that it has to have before it runs. */
function whole(bundle: Bundle, name: string, known = new Set<string>()): Set<string> {
  const chunk = bundle[name];
  if (chunk?.type !== "chunk" || known.has(name)) return known;
  known.add(name);
  for (const other of chunk.imports) whole(bundle, other, known);
  return known;
}

/** The page's own files, and of each view by name what it needs besides. */
export function partsOf(bundle: Bundle): { page: string[]; views: Map<string, string[]> } {
  const chunks = Object.entries(bundle);
  const page = new Set(chunks.filter(([, chunk]) => chunk.type === "chunk" && chunk.isEntry).flatMap(([name]) => [...whole(bundle, name)]));
  const views = new Map<string, string[]>();
  for (const [name, chunk] of chunks) {
    const view = chunk.type === "chunk" ? /\/src\/routes\/(\w+)\.svelte$/.exec(chunk.facadeModuleId ?? "")?.[1] : undefined;
    if (view) views.set(view.toLowerCase(), [...whole(bundle, name)].filter((part) => !page.has(part)));
  }
  return { page: [...page], views };
}

/** Writes down what each view needs, so that the node can say it with the page. */
export function needed(): Plugin {
  return {
    name: "needed",
    apply: "build",
    generateBundle(_options, bundle) {
      const lines = [...partsOf(bundle as Bundle).views].map(([view, files]) => [view, ...files.map((file) => `/${file}`)].join(" "));
      this.emitFile({ type: "asset", fileName: "needed.txt", source: `${lines.join("\n")}\n` });
    },
  };
}

/** Fails where the first load of any view, typeface included, weighs too much. */
export function weighed(): Plugin {
  return {
    name: "weighed",
    apply: "build",
    writeBundle(_options, bundle) {
      const weigh = (name: string) => gzipSync(readFileSync(new URL(name, DIST)), { level: 9 }).length;
      const { page, views } = partsOf(bundle as Bundle);
      const always = [...new Set(["index.html", ...page, ...Object.keys(bundle).filter((name) => ALWAYS.test(name))])].map(weigh);
      for (const [view, files] of views) {
        const bytes = [...always, ...files.map(weigh)].reduce((sum, size) => sum + size, 0);
        if (bytes > MOST) this.error(`the first load of ${view} weighs ${bytes} bytes by gzip: at most ${MOST}`);
        this.info(`the first load of ${view} weighs ${Math.round(bytes / 1000)} kB`);
      }
    },
  };
}

/** Leaves the folder's own words where they are, and puts packed forms beside each file that gets smaller by them. */
export function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    buildStart() {
      for (const name of readdirSync(DIST)) {
        if (name !== "README.md") rmSync(new URL(name, DIST), { recursive: true });
      }
    },
    closeBundle() {
      for (const name of readdirSync(DIST, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|svg|html)$/.test(name)) continue;
        const bytes = readFileSync(new URL(name, DIST));
        const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
        for (const [end, small] of [["gz", gzipSync(bytes, { level: 9 })], ["br", brotliCompressSync(bytes, best)]] as const) {
          if (small.length < bytes.length) writeFileSync(new URL(`${name}.${end}`, DIST), small);
        }
      }
    },
  };
}
