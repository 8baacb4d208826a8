/**
 * What the window knows of letters. They are fetched while a screen shows them. Who writes stays in this memory while the
 * screen is open, so that one letter can be opened, saved and copied; it is kept nowhere.
 */
import {
  asErrorView,
  type AskedView,
  type Backend,
  type ErrorView,
  type LawView,
  type WrittenView,
  type PersonView,
  type RequestsView,
} from "./ipc";

/** What the place shows. */
export type Screen =
  | { name: "list" }
  /** `id`: the letter of a request that was begun; what is asked stands then. */
  | { name: "form"; asked: Partial<AskedView>; id: string | null }
  | { name: "letter"; letter: WrittenView; person: PersonView };

export class Requests {
  screen = $state.raw<Screen>({ name: "list" });
  /** The newest view; `null` before the first. */
  view = $state.raw<RequestsView | null>(null);
  laws = $state.raw<LawView[] | null>(null);
  failure = $state.raw<ErrorView | null>(null);

  readonly #backend: Backend;
  #again = false;
  #loading: Promise<void> | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Begins a letter; `asked` as far as it is known where the person comes from. */
  write(asked: Partial<AskedView> = {}): void {
    const [newest] = this.view?.requests ?? [];
    this.screen = { name: "form", asked: { regime: newest?.regime, ...asked }, id: null };
  }

  list(): void {
    this.screen = { name: "list" };
  }

  /** Fetches a view that is at least as new as this call. */
  refresh(): Promise<void> {
    this.#again = true;
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    // Everything asked for in the same task is answered by one fetch.
    await Promise.resolve();
    while (this.#again) {
      this.#again = false;
      try {
        this.laws ??= await this.#backend.laws();
        this.view = await this.#backend.requests();
        this.failure = null;
      } catch (thrown) {
        this.failure = asErrorView(thrown);
      }
    }
    this.#loading = null;
  }
}
