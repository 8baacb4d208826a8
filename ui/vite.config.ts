import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
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
