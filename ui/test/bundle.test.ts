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

  it("stays small: what the first view needs, and all of it", () => {
    const size = (of: typeof files) => of.reduce((sum, { text }) => sum + text.length, 0);
    const page = files.find(({ name }) => name === "index.html")!;
    const first = files.filter(({ name }) => name.endsWith(".js") && page.text.includes(`href="./${name}"`));
    expect(first.some(({ name }) => /\/main-[^/]+\.js$/.test(name))).toBe(true);
    expect(size(first)).toBeLessThan(300_000);
    expect(size([page])).toBeLessThan(60_000);
    expect(size(files)).toBeLessThan(520_000);
    // The reader is for whoever opens an archive.
    for (const { name, text } of first) expect(text, name).not.toContain("archive-timeline-category");
  });
});
