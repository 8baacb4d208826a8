/**
 * An archive that is being read: which part of it is looked at, which records are listed, and what was searched for. Lists
 * are fetched by the page, as far as they are seen; the newest question wins over older answers.
 */
import { monthAfter } from "./amounts";
import type { Span } from "./timeline";
import { asErrorView, type ArchiveView, type Backend, type ErrorView, type HitsView, type RecordRow, type SpanView } from "./ipc";

export const parts = ["overview", "records", "files", "compare", "keep"] as const;
export type Part = (typeof parts)[number];

/** So many rows are fetched at once. */
const PAGE = 200;
/** How long a person types on before they are answered, in milliseconds. */
const PAUSE = 120;

export class Reading {
  archive = $state.raw<ArchiveView>() as ArchiveView;
  part = $state<Part>("overview");
  failure = $state.raw<ErrorView | null>(null);

  /** Every month with records, by category; `null` until it is known. */
  spans = $state.raw<SpanView[] | null>(null);

  category = $state<string | null>(null);
  span = $state.raw<Span | null>(null);
  oldestFirst = $state(false);
  text = $state("");
  hits = $state.raw<HitsView | null>(null);
  searching = $state(false);
  /** The record that is looked at, and where the list stood meanwhile. */
  record = $state<string | null>(null);
  top = $state(0);

  readonly #backend: Backend;
  readonly #pages = new Map<number, RecordRow[] | "asked">();
  /** Raised whenever other rows are listed. */
  #turn = 0;
  #rows = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again = false;
  #loading: Promise<void> | null = null;

  constructor(backend: Backend, archive: ArchiveView) {
    this.#backend = backend;
    this.archive = archive;
  }

  get id(): string {
    return this.archive.id;
  }

  get indexed(): boolean {
    return this.archive.indexing === null && this.archive.failure === null;
  }

  /** How many records are listed. */
  get total(): number {
    if (this.hits !== null) return this.hits.rows.length;
    const mine = (of: { category: string }) => this.category === null || of.category === this.category;
    const { span } = this;
    if (span !== null) {
      const within = (this.spans ?? []).filter((each) => mine(each) && each.begins >= span.from && each.begins < span.before);
      return within.reduce((sum, { items }) => sum + items, 0);
    }
    return this.archive.categories.filter(({ id }) => mine({ category: id })).reduce((sum, { records }) => sum + records, 0);
  }

  /** The archive as it is now; once it is indexed, when its records are of. */
  refresh(): Promise<void> {
    this.#again = true;
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** A listed record, once it is here; asks for it otherwise. */
  row(at: number): RecordRow | null {
    if (this.hits !== null) return this.hits.rows[at] ?? null;
    void this.#rows;
    const page = this.#pages.get(Math.floor(at / PAGE));
    return page === undefined || page === "asked" ? null : (page[at % PAGE] ?? null);
  }

  /** Sees to it that these rows are fetched. */
  need(first: number, last: number): void {
    if (this.hits !== null || !this.indexed) return;
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) {
      if (!this.#pages.has(page)) void this.#fetch(page);
    }
  }

  /** Lists other records. */
  list(wanted: { category?: string | null; span?: Span | null; oldestFirst?: boolean }): void {
    if (wanted.category !== undefined) this.category = wanted.category;
    if (wanted.span !== undefined) this.span = wanted.span;
    if (wanted.oldestFirst !== undefined) this.oldestFirst = wanted.oldestFirst;
    this.#anew();
    if (this.text.trim() !== "") this.search(this.text, 0);
  }

  /** Searches, once the person pauses. */
  search(text: string, pause = PAUSE): void {
    this.text = text;
    clearTimeout(this.#timer);
    if (text.trim() === "") {
      this.hits = null;
      this.searching = false;
      this.#anew();
      return;
    }
    this.searching = true;
    this.#timer = setTimeout(() => void this.#search(text), pause);
  }

  async #search(text: string): Promise<void> {
    const turn = ++this.#turn;
    try {
      const hits = await this.#backend.searchArchive(this.id, text, this.category);
      if (turn !== this.#turn) return;
      this.hits = hits;
      this.failure = null;
      this.top = 0;
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asErrorView(thrown);
    } finally {
      if (turn === this.#turn) this.searching = false;
    }
  }

  #anew(): void {
    this.#turn += 1;
    this.#pages.clear();
    this.#rows += 1;
    this.top = 0;
  }

  async #fetch(page: number): Promise<void> {
    const turn = this.#turn;
    this.#pages.set(page, "asked");
    const { category, oldestFirst, span } = this;
    const from = span === null ? null : `${span.from}T00:00:00Z`;
    const before = span === null ? null : `${span.before}T00:00:00Z`;
    try {
      const rows = await this.#backend.archiveRecords(this.id, { category, from, before, oldestFirst, skip: page * PAGE, most: PAGE });
      if (turn !== this.#turn) return;
      this.#pages.set(page, rows);
      this.failure = null;
    } catch (thrown) {
      if (turn !== this.#turn) return;
      // Asked for again when it is seen again.
      this.#pages.delete(page);
      this.failure = asErrorView(thrown);
    }
    this.#rows += 1;
  }

  async #load(): Promise<void> {
    // Everything asked for in the same task is answered by one fetch.
    await Promise.resolve();
    while (this.#again) {
      this.#again = false;
      try {
        this.archive = await this.#backend.archive(this.id);
        if (this.indexed && this.spans === null) this.spans = await this.#backend.archiveTimeline(this.id, null, "month");
        this.failure = null;
      } catch (thrown) {
        this.failure = asErrorView(thrown);
      }
    }
    this.#loading = null;
  }
}

/** The month that begins then, as a span. */
export function monthSpan(begins: string, label: string): Span {
  return { from: begins, before: monthAfter(begins).slice(0, 10), label };
}
