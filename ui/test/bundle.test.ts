// @vitest-environment node
import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, it } from "vitest";

/** What the window may name: namespaces of SVG, XHTML and the like, and where Svelte explains its errors. */
const NAMES = /https?:\/\/(www\.w3\.org|svelte\.dev|localhost|ipc\.localhost|example\.)/;

describe("the built window", () => {
  let files: { name: string; text: string }[] = [];

  beforeAll(async () => {
    const mode = process.env["NODE_ENV"];
    process.env["NODE_ENV"] = "production";
    const made = (await build({ mode: "production", logLevel: "silent", build: { write: false } })) as Rolldown.RolldownOutput;
    process.env["NODE_ENV"] = mode;
    files = made.output.map((part) => ({
      name: part.fileName,
      text: part.type === "chunk" ? part.code : String(part.source),
    }));
  }, 60_000);

  it("holds nothing of the made-up program", () => {
    expect(files.length).toBeGreaterThan(2);
    for (const { name, text } of files) expect(text.match(/Sam Sample|situation|sample\.example/g), name).toBeNull();
  });

  it("names nothing remote", () => {
    for (const { name, text } of files) {
      const found = [...text.matchAll(/https?:\/\/[^\s"'`)]+/g)].map(([url]) => url);
      expect(found.filter((url) => !NAMES.test(url) && url !== "https://"), name).toEqual([]);
    }
  });

  it("needs no eval and no script in the page", () => {
    for (const { name, text } of files) expect(text.match(/\beval\(|new Function\(/g), name).toBeNull();
    const page = files.find(({ name }) => name === "index.html")?.text ?? "";
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(page).not.toMatch(/\son\w+=/);
  });

  it("stays small", () => {
    const total = files.reduce((sum, { text }) => sum + text.length, 0);
    expect(total).toBeLessThan(320_000);
  });
});
