/** What a passphrase is worth, roughly: how many there are of its kind. It is said, never enforced. */

/** Each word of a sentence counts for so many bits, if it was drawn from a list; letters that make no words, for more. */
const WORD = 11;

/** Bits, at most what the characters allow and what the words allow. */
function bits(passphrase: string): number {
  const characters = [...passphrase];
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(passphrase)).length;
  const different = new Set(characters).size;
  const byCharacters = Math.min(characters.length, different * 2) * Math.log2(kinds <= 1 ? 26 : kinds === 2 ? 52 : 80);
  const words = passphrase.trim().split(/[\s-]+/u).filter((word) => /^\p{L}{2,}$/u.test(word));
  return words.length > 1 ? Math.min(byCharacters, new Set(words).size * WORD + 6) : byCharacters;
}

export function strength(passphrase: string): "short" | "fair" | "good" {
  const worth = bits(passphrase);
  return worth < 40 ? "short" : worth < 60 ? "fair" : "good";
}
