/**
 * What the window knows of the end of the account: fetched while its page is open, and with every newer view. What it would
 * mean is fetched anew whenever the page opens, and after something was done about it.
 */
import { asErrorView, type Backend, type DeletionView, type ErrorView, type PreflightView } from "./ipc";

export class Deletion {
  view = $state.raw<DeletionView | null>(null);
  preflight = $state.raw<PreflightView | null>(null);
  /** The person has weighed it, and is on the page where it is confirmed. */
  confirming = $state(false);
  /** What the person has done of the checklist for DingTalk's own app, as long as the program runs. */
  ticked = $state.raw<string[]>([]);
  /** When the newest view came, by a clock that nobody sets. */
  seen = $state(0);

  readonly #backend: Backend;
  #unweighed = $state.raw<ErrorView | null>(null);
  #unfetched = $state.raw<ErrorView | null>(null);
  #again = false;
  #loading: Promise<void> | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Why the newest of either couldn't be had. */
  get failure(): ErrorView | null {
    return this.#unweighed ?? this.#unfetched;
  }

  /** Ticks a line of the checklist, or takes the tick back. */
  tick(step: string, done: boolean): void {
    const others = this.ticked.filter((each) => each !== step);
    this.ticked = done ? [...others, step] : others;
  }

  /** Fetches a view that is at least as new as this call. */
  refresh(): Promise<void> {
    this.#again = true;
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Has the program ask the service now how it stands. */
  async look(): Promise<void> {
    try {
      await this.#backend.lookAtDeletion();
    } catch {
      // The service doesn't answer: what is known is shown, and the account says that it is offline.
    }
    await this.refresh();
  }

  /** Fetches what it would mean. */
  async weigh(): Promise<void> {
    try {
      this.preflight = await this.#backend.deletionPreflight();
      this.#unweighed = null;
    } catch (thrown) {
      this.#unweighed = asErrorView(thrown);
    }
  }

  async #load(): Promise<void> {
    // Everything asked for in the same task is answered by one fetch.
    await Promise.resolve();
    while (this.#again) {
      this.#again = false;
      try {
        this.view = await this.#backend.deletion();
        this.seen = performance.now();
        this.#unfetched = null;
      } catch (thrown) {
        this.#unfetched = asErrorView(thrown);
      }
    }
    this.#loading = null;
  }
}
