/** The message at the bottom: what is true now, and Undo. One at a time; what it said stays in Activity. */

export interface Toast {
  says: string;
  tone: "done" | "problem";
  undo?: () => Promise<void>;
}

/** How long it stays, in milliseconds, while nobody looks at it closely. */
const STAY = 8_000;
/** How long it stays at least after it was let go. */
const AFTER = 3_000;

export class Toasts {
  current = $state.raw<Toast | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ends = 0;
  #left = STAY;
  #held = false;

  show(toast: Toast): void {
    this.current = toast;
    this.#left = STAY;
    if (!this.#held) this.#run();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#held = false;
    this.current = null;
  }

  /** Stops the clock while the pointer or the focus is on it, or the window is hidden. */
  hold(): void {
    if (this.#held) return;
    this.#held = true;
    clearTimeout(this.#timer);
    this.#left = Math.max(this.#ends - Date.now(), AFTER);
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    if (this.current) this.#run();
  }

  /** Takes the message's change back, if it can be. */
  async undo(): Promise<void> {
    const toast = this.current;
    if (!toast?.undo) return;
    this.close();
    await toast.undo();
  }

  #run(): void {
    clearTimeout(this.#timer);
    this.#ends = Date.now() + this.#left;
    this.#timer = setTimeout(() => this.close(), this.#left);
  }
}
