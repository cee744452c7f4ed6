import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Leaves the folder's own words where they are, and puts a packed form beside each file that gets smaller by it. */
function packed(): Plugin {
  const dist = new URL("dist/", import.meta.url);
  return {
    name: "packed",
    apply: "build",
    buildStart() {
      for (const name of readdirSync(dist)) {
        if (name !== "README.md") rmSync(new URL(name, dist), { recursive: true });
      }
    },
    closeBundle() {
      for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|svg|html)$/.test(name)) continue;
        const whole = readFileSync(new URL(name, dist));
        const small = gzipSync(whole, { level: 9 });
        if (small.length < whole.length) writeFileSync(new URL(`${name}.gz`, dist), small);
      }
    },
  };
}

export default defineConfig({
  plugins: [svelte(), svelteTesting(), packed()],
  build: {
    target: "es2022",
    emptyOutDir: false,
    // The policy for browsers lets nothing inline pass, neither script nor picture.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: { environment: "happy-dom", environmentOptions: { happyDOM: { url: "http://node.example/" } }, include: ["src/**/*.test.ts"] },
});
