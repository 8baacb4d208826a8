/**
 * What the window knows of exports and known archives, and which of them is looked at. It is fetched while the place
 * shows it: when that opens, when the program tells of news, and after something was done here.
 */
import { asErrorView, type ArchiveView, type Backend, type ErrorView, type ExportsView } from "./ipc";

/** What the place shows. */
export type Screen =
  | { name: "list" }
  | { name: "ask" }
  | { name: "open"; path: string; sealed: boolean }
  | { name: "export"; id: string }
  | { name: "archive"; archive: ArchiveView };

export class Exports {
  /** The newest view; `null` before the first. */
  view = $state.raw<ExportsView | null>(null);
  /** Why the newest view couldn't be had. */
  failure = $state.raw<ErrorView | null>(null);
  screen = $state.raw<Screen>({ name: "list" });

  readonly #backend: Backend;
  #again = false;
  #loading: Promise<void> | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Shows something else; an archive that was open is closed. */
  go(screen: Screen): void {
    const { screen: before } = this;
    if (before.name === "archive" && (screen.name !== "archive" || screen.archive.id !== before.archive.id)) {
      // It is out of sight either way; what can't be closed goes with the program.
      this.#backend.closeArchive(before.archive.id).catch(() => undefined);
    }
    this.screen = screen;
  }

  /** Opens an archive and shows it; throws what the program refuses, for whoever asked. */
  async open(path: string, passphrase: string | null): Promise<void> {
    const archive = await this.#backend.openArchive(path, passphrase);
    this.go({ name: "archive", archive });
    void this.refresh();
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
        this.view = await this.#backend.exports();
        this.failure = null;
      } catch (thrown) {
        this.failure = asErrorView(thrown);
      }
    }
    this.#loading = null;
  }
}
