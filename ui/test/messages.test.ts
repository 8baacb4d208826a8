import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { situations } from "../src/dev/fixtures";
import { en } from "../src/lib/messages/en";
import { ago } from "../src/lib/time";

/** Every sentence, with functions called on something harmless. */
function sentences(value: unknown, path = "en"): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") {
    const said = [1, 2].map((count) => {
      try {
        return (value as (...given: unknown[]) => string)(count, 3, 1);
      } catch {
        return (value as (given: unknown[]) => string)(["Camera", "Files"].slice(0, count));
      }
    });
    return said.map((sentence) => [path, sentence]);
  }
  return Object.entries(value as object).flatMap(([key, inner]) => sentences(inner, `${path}.${key}`));
}

describe("the catalogue", () => {
  const all = sentences(en);

  it("has no empty sentence and none that lost its value", () => {
    expect(all.length).toBeGreaterThan(150);
    for (const [path, sentence] of all) expect(sentence.trim(), path).not.toMatch(/^$|undefined|NaN|\[object/);
  });

  it("has none of the words that say nothing", () => {
    for (const [path, sentence] of all) expect(sentence, path).not.toMatch(/successful|please note|oops|simply|sorry/i);
  });

  it("has words for every code that fixtures know", () => {
    const codes = Object.values(situations).flatMap((situation) =>
      situation().device.permissions.flatMap(({ requested, control }) => [
        en.permissions.requestedBy[requested.code],
        ["direct", "follows"].includes(control.code) ? "" : en.permissions.why[control.code],
      ]),
    );
    for (const words of codes) expect(words).toBeDefined();
  });
});

describe("components", () => {
  it("hold no words of their own", () => {
    for (const name of readdirSync("src", { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".svelte")) continue;
      const file = `src/${name}`;
      const text = readFileSync(file, "utf8")
        .replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, "")
        .replace(/\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/g, "");
      const words = [...text.matchAll(/>([^<>]*)</g)].map(([, inner]) => inner!.replace(/&\w+;/g, "").trim());
      expect(words.filter((each) => /\p{L}{2,}/u.test(each)), file).toEqual([]);
      expect([...text.matchAll(/(?:aria-label|title|placeholder)="([^"]*\s[^"]*)"/g)].map(([, found]) => found), file).toEqual([]);
    }
  });
});

describe("times in words", () => {
  const now = Date.parse("2026-01-10T12:00:00Z");
  it.each([
    ["2026-01-10T12:00:00Z", "just now"],
    ["2026-01-10T11:59:58Z", "2 seconds ago"],
    ["2026-01-10T11:59:00Z", "1 minute ago"],
    ["2026-01-10T12:01:00Z", "in 1 minute"],
    ["2026-01-10T09:00:00Z", "3 hours ago"],
    ["2026-01-09T11:00:00Z", "yesterday"],
    ["2025-12-01T12:00:00Z", "1 December 2025"],
    ["not a time", "not a time"],
  ])("%s is %s", (at, words) => expect(ago(at, now)).toBe(words));
});
