import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

const css = readFileSync("src/styles/tokens.css", "utf8");

/** A token's colour, light or dark. */
function colour(token: string, dark: boolean): string {
  const value = new RegExp(`--${token}: ([^;]+);`).exec(css)?.[1] ?? "";
  const pair = /light-dark\((#\w{6}), (#\w{6})\)/.exec(value);
  return pair ? pair[dark ? 2 : 1]! : value;
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const plain = ["surface-window", "surface-side", "surface-card", "surface-hover"];
const text: [string, string[]][] = [
  ["text", [...plain, "surface-pressed", "surface-current", "surface-note", "surface-warn"]],
  ["text-second", [...plain, "surface-pressed", "surface-note"]],
  ["text-accent", [...plain, "surface-note", "surface-current"]],
  ["text-warn", ["surface-card", "surface-hover", "surface-warn"]],
  ["text-bad", ["surface-card", "surface-window", "surface-hover"]],
  ["text-on-accent", ["accent", "accent-hover", "bad"]],
  ["text-on-toast", ["surface-toast"]],
  ["text-toast-act", ["surface-toast"]],
];
const shapes: [string, string[]][] = [
  ["accent", plain],
  ["switch-off", ["surface-card", "surface-hover"]],
  ["switch-thumb", ["switch-off"]],
  ["switch-thumb-on", ["accent"]],
  ["line-strong", ["surface-card", "surface-side"]],
];

describe.each([
  ["light", false],
  ["dark", true],
])("in %s", (_, dark) => {
  it.each(text.flatMap(([ink, papers]) => papers.map((paper) => [ink, paper] as const)))("%s is legible on %s", (ink, paper) => {
    expect(contrast(colour(ink, dark), colour(paper, dark))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(shapes.flatMap(([shape, papers]) => papers.map((paper) => [shape, paper] as const)))("%s is seen on %s", (shape, paper) => {
    expect(contrast(colour(shape, dark), colour(paper, dark))).toBeGreaterThanOrEqual(3);
  });
});
