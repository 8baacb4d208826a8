/**
 * What the window knows of the browsers on this computer. It is fetched while a screen shows it: when that opens, when
 * the program tells of news, and after something was changed here.
 */
import { asErrorView, type Backend, type BrowsersView, type ClearChoice, type ErrorView } from "./ipc";

/** What a person wants to clear, before they were told what that means. */
export interface Clearing {
  /** The question, such as "Clear “account”?". */
  title: string;
  choice: ClearChoice;
}

/** All of everything; narrowed by whoever asks for less. */
export const everything: ClearChoice = {
  profile: null,
  site: null,
  kind: null,
  item: null,
  purpose: null,
  elsewhere: [],
};

export class Browsers {
  /** The newest view; `null` before the first. */
  view = $state.raw<BrowsersView | null>(null);
  /** What is asked to be cleared; the dialog shows it. */
  clearing = $state.raw<Clearing | null>(null);
  /** The offer to clear statistics cookies was put away, until the program ends. */
  offerPutAway = $state(false);

  readonly #backend: Backend;
  #asking = $state(false);
  #unlooked = $state.raw<ErrorView | null>(null);
  #unfetched = $state.raw<ErrorView | null>(null);
  #again = false;
  #loading: Promise<void> | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** They are being looked at: as the program says, or because it was just asked to. */
  get looking(): boolean {
    return this.#asking || (this.view?.looking ?? false);
  }

  /** Why the browsers couldn't be looked at, or the newest view couldn't be had. */
  get failure(): ErrorView | null {
    return this.#unlooked ?? this.#unfetched;
  }

  /** Fetches a view that is at least as new as this call. */
  refresh(): Promise<void> {
    this.#again = true;
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Has the program look at the browsers again. */
  async look(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      await this.#backend.lookAtBrowsers();
      this.#unlooked = null;
      await this.refresh();
    } catch (thrown) {
      this.#unlooked = asErrorView(thrown);
    } finally {
      this.#asking = false;
    }
  }

  async #load(): Promise<void> {
    // Everything asked for in the same task is answered by one fetch.
    await Promise.resolve();
    while (this.#again) {
      this.#again = false;
      try {
        this.view = await this.#backend.browsers();
        this.#unfetched = null;
      } catch (thrown) {
        this.#unfetched = asErrorView(thrown);
      }
    }
    this.#loading = null;
  }
}
