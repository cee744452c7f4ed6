import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";
import { needed, packed, weighed } from "./build/pages.ts";

export default defineConfig({
  plugins: [svelte(), svelteTesting(), needed(), weighed(), packed()],
  build: {
    target: "es2022",
    emptyOutDir: false,
    // The policy for browsers lets nothing inline pass, neither script nor picture.
    assetsInlineLimit: 0,
    // Of styles there is little, and of what several views share: one file of each asks less of a slow line than twenty small ones.
    cssCodeSplit: false,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "shared", test: /\/src\/lib\/(?!cedar-)/, minShareCount: 2 }] } } },
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: { environment: "happy-dom", environmentOptions: { happyDOM: { url: "http://node.example/" } }, include: ["src/**/*.test.ts", "build/**/*.test.ts"] },
});
