/**
 * What the window knows: the newest view the program gave, and the switches that were moved and aren't answered yet.
 *
 * It asks for the view and begins to listen at once, and asks again when it listens, so that no change is missed between
 * the two; then when told of a newer revision, once however often it is told, and never by the clock.
 */
import { SvelteMap } from "svelte/reactivity";

import { asErrorView, type AppView, type Backend, type ErrorView } from "./ipc";

/** A switch that was moved: where to, until what was observed replaces it. */
interface Moved {
  to: boolean;
  turn: symbol;
}

export class Store {
  /** The newest view; `null` before the first. */
  view = $state.raw<AppView | null>(null);
  /** Why the newest view couldn't be had. */
  failure = $state.raw<ErrorView | null>(null);

  readonly #backend: Backend;
  readonly #moved = new SvelteMap<string, Moved>();
  readonly #problems = new SvelteMap<string, ErrorView>();
  /** What is under way, by row: a row's moves are made one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #heard = -1;
  #again = false;
  #forced = false;
  #loading: Promise<void> | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Fetches the first view and listens; once it listens, it looks again, for what changed before it could hear. */
  async start(): Promise<void> {
    const first = this.refresh();
    try {
      await this.#backend.onChanged((revision) => this.#hear(revision));
    } catch (thrown) {
      this.failure = asErrorView(thrown);
    }
    await first;
    await this.refresh();
  }

  /** Fetches a view that is at least as new as this call. */
  refresh(): Promise<void> {
    this.#forced = true;
    return this.#fetch();
  }

  /** Where a moved switch stands while its answer is awaited; `undefined` when nothing is awaited. */
  pending(row: string): boolean | undefined {
    return this.#moved.get(row)?.to;
  }

  /** Why the last move of a row was refused. */
  problem(row: string): ErrorView | undefined {
    return this.#problems.get(row);
  }

  /**
   * Moves a row's switch at once, does `work`, and lets the observed value take over. Refused, the switch goes back and
   * the row says why. Without `to`, nothing moves until it is observed.
   */
  async move<T>(row: string, to: boolean | undefined, work: () => Promise<T>): Promise<T | null> {
    const turn = Symbol(row);
    this.#problems.delete(row);
    if (to !== undefined) this.#moved.set(row, { to, turn });
    const before = this.#turns.get(row) ?? Promise.resolve();
    const mine = before.then(work);
    this.#turns.set(
      row,
      mine.catch(() => undefined),
    );
    try {
      const done = await mine;
      await this.refresh();
      return done;
    } catch (thrown) {
      this.#problems.set(row, asErrorView(thrown));
      return null;
    } finally {
      if (this.#moved.get(row)?.turn === turn) this.#moved.delete(row);
    }
  }

  #hear(revision: number): void {
    if (this.view !== null && revision <= this.view.revision) return;
    this.#heard = Math.max(this.#heard, revision);
    void this.#fetch();
  }

  #fetch(): Promise<void> {
    this.#again = true;
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    // Everything asked for in the same task is answered by one fetch.
    await Promise.resolve();
    while (this.#again && (this.#forced || this.view === null || this.#heard > this.view.revision)) {
      this.#again = false;
      this.#forced = false;
      try {
        this.#accept(await this.#backend.view());
      } catch (thrown) {
        this.failure = asErrorView(thrown);
      }
    }
    this.#again = false;
    this.#loading = null;
  }

  #accept(view: AppView): void {
    this.failure = null;
    if (this.view === null || view.revision >= this.view.revision) this.view = view;
  }
}
