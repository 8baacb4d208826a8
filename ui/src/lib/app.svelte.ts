/** What a person does in the window, put to the program. It decides nothing: the program does. */
import { getContext } from "svelte";

import { Confirm } from "./confirm.svelte";
import {
  asErrorView,
  type Backend,
  type ChangeView,
  type ConsentView,
  type DoneView,
  type PermissionView,
  type PlaceView,
  type Theme,
  type Wanted,
} from "./ipc";
import { m } from "./messages";
import { Router } from "./router.svelte";
import { rows } from "./rows";
import { Store } from "./store.svelte";
import { testids } from "./testids";
import { Toasts } from "./toasts.svelte";

export const APP = Symbol("app");

/** The app a component belongs to. */
export function useApp(): App {
  return getContext<App>(APP);
}

export class App {
  readonly backend: Backend;
  readonly store: Store;
  readonly router = new Router();
  readonly toasts = new Toasts();
  readonly confirm = new Confirm();

  constructor(backend: Backend) {
    this.backend = backend;
    this.store = new Store(backend);
  }

  /** Moves a permission's switch, or resets it; asks first when more goes with it. */
  async setPermission(permission: PermissionView, wanted: Wanted): Promise<void> {
    const to = wanted === "reset" ? undefined : wanted === "allow";
    const done = await this.store.move(rows.permission(permission.id), to, async () => {
      const plan = await this.backend.previewPermission(permission.id, wanted);
      const lines = plan.warning === null ? [] : [plan.warning];
      if (plan.also.length > 0) lines.push(m.permissions.also(plan.also));
      if (lines.length > 0) {
        const yes = await this.confirm.ask({
          title: m.permissions.confirmTitle[wanted](permission.name),
          lines: [...lines, m.permissions.undoable],
          act: m.permissions.confirmAct[wanted],
          testid: testids.confirmAct(wanted),
        });
        if (!yes) return null;
      }
      return this.backend.setPermission(permission.id, wanted);
    });
    this.#tell(done);
  }

  async setConsent(consent: ConsentView, granted: boolean): Promise<void> {
    const done = await this.store.move(rows.consent(consent.id), granted, () =>
      this.backend.setConsents([{ id: consent.id, granted }]),
    );
    this.#tell(done);
  }

  /** Takes several consents back at once, with one Undo for all of them. */
  async withdraw(consents: ConsentView[], says: string, restored: string): Promise<void> {
    const ids = consents.filter((consent) => consent.granted && !consent.required).map(({ id }) => id);
    if (ids.length === 0) return;
    const set = async (granted: boolean) => {
      const all = ids.map((id) => ({ id, granted }));
      const work = this.backend.setConsents(all);
      return (await Promise.all(ids.map((id) => this.store.move(rows.consent(id), granted, () => work))))[0];
    };
    const undo = async () => {
      if (await set(true)) this.toasts.show({ says: restored, tone: "done" });
    };
    if (await set(false)) this.toasts.show({ says, tone: "done", undo });
  }

  async undo(change: Pick<ChangeView, "id">): Promise<void> {
    const done = await this.store.move(rows.change(change.id), undefined, () => this.backend.undo(change.id));
    this.#tell(done && { ...done, change: null });
    const problem = this.store.problem(rows.change(change.id));
    if (problem) this.toasts.show({ says: problem.message, tone: "problem" });
  }

  retry(consent: ConsentView): Promise<void> {
    return this.#refused(consent, (outboxId) => this.backend.retryRefused(outboxId));
  }

  discard(consent: ConsentView): Promise<void> {
    return this.#refused(consent, (outboxId) => this.backend.discardRefused(outboxId));
  }

  openSettings(permission: string): Promise<boolean> {
    return this.attempt(() => this.backend.openSettings(permission));
  }

  copyAside(file: string): Promise<boolean> {
    return this.attempt(async () => {
      const path = await this.backend.copyAside(file);
      this.toasts.show({ says: m.words.copyMade(path), tone: "done" });
    });
  }

  dismissNotice(code: string): Promise<boolean> {
    return this.attempt(() => this.backend.dismissNotice(code));
  }

  setTheme(theme: Theme): Promise<boolean> {
    return this.attempt(() => this.backend.setTheme(theme));
  }

  syncNow(): Promise<boolean> {
    return this.attempt(() => this.backend.syncNow());
  }

  /** Throws what the program refuses, for the form that asked. */
  async chooseAccount(place: PlaceView, address: string | null): Promise<void> {
    await this.backend.chooseAccount(place, address);
    await this.store.refresh();
  }

  /** Does something small and looks again; says in a message when it didn't work. */
  async attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      await this.store.refresh();
      return true;
    } catch (thrown) {
      this.toasts.show({ says: asErrorView(thrown).message, tone: "problem" });
      return false;
    }
  }

  async #refused(consent: ConsentView, act: (outboxId: string) => Promise<DoneView>): Promise<void> {
    const { outboxId } = consent;
    if (outboxId === null) return;
    this.#tell(await this.store.move(rows.consent(consent.id), undefined, () => act(outboxId)));
  }

  #tell(done: DoneView | null): void {
    if (!done) return;
    const { change, says } = done;
    this.toasts.show({
      says,
      tone: "done",
      undo: change === null ? undefined : () => this.undo({ id: change }),
    });
  }
}
