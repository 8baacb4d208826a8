import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/**
 * Puts the styles into the page, so that its frame is painted before anything else has to be fetched, and has the
 * program fetched meanwhile, which begins after that.
 */
function framePaintedFirst(): Plugin {
  return {
    name: "frame-painted-first",
    enforce: "post",
    transformIndexHtml(html, { bundle }) {
      let page = html;
      for (const [name, file] of Object.entries(bundle ?? {})) {
        if (file.type === "asset" && name.endsWith(".css")) {
          const link = new RegExp(`<link rel="stylesheet"[^>]*href="\\./${name}">`);
          if (!link.test(page)) throw new Error(`${name} isn't linked from the page`);
          page = page.replace(link, () => `<style>${String(file.source)}</style>`);
          delete bundle?.[name];
        } else if (file.type === "chunk" && file.isDynamicEntry && file.name === "main") {
          for (const needed of [name, ...file.imports]) {
            if (page.includes(`="./${needed}"`)) continue;
            page = page.replace("</head>", `  <link rel="modulepreload" crossorigin href="./${needed}">\n  </head>`);
          }
        }
      }
      return page;
    },
  };
}

export default defineConfig({
  plugins: [svelte(), svelteTesting(), framePaintedFirst()],
  // Paths in the page are relative to the window's own origin.
  base: "./",
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: {
    // The oldest web views that Tauri runs in.
    target: ["es2022", "safari16"],
    outDir: "dist",
    emptyOutDir: true,
    // The window's policy forbids scripts in attributes and blobs; nothing is inlined.
    assetsInlineLimit: 0,
    // One sheet: the frame is painted with it, before the program is there.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    restoreMocks: true,
    // A busy machine is slow, not wrong.
    testTimeout: 30_000,
  },
});
