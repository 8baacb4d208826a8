/** What somebody is about to ask for: a draft, until they confirm it. The program checks it again. */
import type { ExportChoices, ExportWishView, HeldCategory, RegimeView } from "./bindings";
import { m } from "./messages";

/** Which time the copy is of. */
export type Time = "any" | "year" | "between";

/** What has to be mended before going on, at its field. */
export interface Problems {
  categories?: string;
  time?: string;
  place?: string;
  passphrase?: string;
}

export class Draft {
  readonly choices: ExportChoices;
  all = $state(true);
  chosen = $state<string[]>([]);
  time = $state<Time>("any");
  from = $state("");
  to = $state("");
  regimeId = $state("");
  place = $state("");
  encrypt = $state(false);
  passphrase = $state("");
  again = $state("");

  constructor(choices: ExportChoices) {
    this.choices = choices;
    this.place = choices.place;
    this.regimeId = choices.regimes[0]?.id ?? "";
  }

  get regime(): RegimeView | undefined {
    return this.choices.regimes.find(({ id }) => id === this.regimeId);
  }

  /** What would go in. */
  get wanted(): HeldCategory[] {
    return this.all ? this.choices.categories : this.choices.categories.filter(({ id }) => this.chosen.includes(id));
  }

  /** A copy of a time holds what has no date whole. */
  get holdsUndated(): boolean {
    return this.time !== "any" && this.wanted.some(({ dated, items }) => !dated && items > 0);
  }

  /** When the next copy may be asked for, while that isn't now. */
  notBefore(now: number): string | null {
    const next = this.regime?.nextAllowedAt ?? null;
    return next !== null && Date.parse(next) > now ? next : null;
  }

  problems(): Problems {
    const { form } = m.exports;
    const found: Problems = {};
    if (this.wanted.length === 0) found.categories = form.notAll;
    if (this.time === "between") {
      if (this.from === "" || this.to === "") found.time = form.noDates;
      else if (this.from > this.to) found.time = form.badDates;
    }
    if (this.place.trim() === "") found.place = form.placeMissing;
    if (this.encrypt) {
      if (this.passphrase === "") found.passphrase = form.passphraseMissing;
      else if (this.passphrase !== this.again) found.passphrase = form.different;
    }
    return found;
  }

  wish(now: number): ExportWishView {
    const [from, to] = this.#span(now);
    return {
      categories: this.all ? [] : this.wanted.map(({ id }) => id),
      regime: this.regimeId,
      from,
      to,
      place: this.place.trim(),
      passphrase: this.encrypt ? this.passphrase : null,
    };
  }

  #span(now: number): [string | null, string | null] {
    if (this.time === "any") return [null, null];
    if (this.time === "year") {
      const from = new Date(now);
      from.setFullYear(from.getFullYear() - 1);
      return [from.toISOString(), new Date(now).toISOString()];
    }
    // Days as the person's own clock counts them; the last one whole.
    const end = new Date(`${this.to}T00:00:00`);
    end.setDate(end.getDate() + 1);
    return [new Date(`${this.from}T00:00:00`).toISOString(), end.toISOString()];
  }
}
