/** What a person does in the window, put to the program. It decides nothing: the program does. */
import { getContext, onMount, untrack } from "svelte";

import { Browsers } from "./browsers.svelte";
import { Confirm } from "./confirm.svelte";
import { Deletion } from "./deletion.svelte";
import { Exports } from "./exports.svelte";
import {
  asErrorView,
  type Backend,
  type BackupView,
  type ChangeView,
  type ClearChoice,
  type ConsentView,
  type DoneView,
  type PermissionView,
  type PlaceView,
  type SitePermission,
  type SiteSetting,
  type Theme,
  type Wanted,
} from "./ipc";
import { m } from "./messages";
import { Requests } from "./requests.svelte";
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

/** The browsers, for a screen that shows them: looked at when it opens, fetched again with every newer view while it is there. */
export function useBrowsers(): Browsers {
  const { browsers, store } = useApp();
  onMount(() => void browsers.look());
  $effect(() => {
    void store.view?.revision;
    untrack(() => void browsers.refresh());
  });
  return browsers;
}

/** The exports, for the place that shows them: fetched with every newer view, and while bytes move. */
export function useExports(): Exports {
  const { backend, exports, store } = useApp();
  $effect(() => {
    void store.view?.revision;
    untrack(() => void exports.refresh());
  });
  onMount(() => {
    // What can't be heard is seen with the next view.
    const listening = backend.onExportsMove(() => void exports.refresh()).catch(() => () => undefined);
    return () => void listening.then((stop) => stop());
  });
  return exports;
}

/** Letters, for the place that shows them: fetched with every newer view. */
export function useRequests(): Requests {
  const { requests, store } = useApp();
  $effect(() => {
    void store.view?.revision;
    untrack(() => void requests.refresh());
  });
  return requests;
}

/** The end of the account, for the place that shows it: fetched with every newer view. */
export function useDeletion(): Deletion {
  const { deletion, store } = useApp();
  $effect(() => {
    void store.view?.revision;
    untrack(() => void deletion.refresh());
  });
  return deletion;
}

export class App {
  readonly backend: Backend;
  readonly store: Store;
  readonly browsers: Browsers;
  readonly exports: Exports;
  readonly requests: Requests;
  readonly deletion: Deletion;
  readonly router = new Router();
  readonly toasts = new Toasts();
  readonly confirm = new Confirm();

  constructor(backend: Backend) {
    this.backend = backend;
    this.store = new Store(backend);
    this.browsers = new Browsers(backend);
    this.exports = new Exports(backend);
    this.requests = new Requests(backend);
    this.deletion = new Deletion(backend);
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

  /** Has a browser refuse a site's cookies and site data, or accept them again. */
  async refuseSite(profile: string, site: string, refuse: boolean): Promise<void> {
    this.#tell(await this.#refuse(profile, site, refuse));
  }

  /** Has browsers refuse several sites, with one Undo for all of them. */
  async refuseSites(sites: { profile: string; site: string }[]): Promise<void> {
    const changes: string[] = [];
    const said: string[] = [];
    let problem: string | undefined;
    for (const { profile, site } of sites) {
      const done = await this.#refuse(profile, site, true);
      if (done === null) problem ??= this.store.problem(rows.site(profile, site))?.message;
      else {
        if (done.change !== null) changes.push(done.change);
        if (!said.includes(done.says)) said.push(done.says);
      }
    }
    const undo = async () => {
      for (const id of changes.reverse()) await this.undo({ id });
    };
    this.toasts.show({
      says: (problem === undefined ? said : [...said, problem]).join(" "),
      tone: problem === undefined ? "done" : "problem",
      undo: changes.length > 0 ? undo : undefined,
    });
  }

  async setSitePermission(profile: string, site: string, permission: SitePermission, setting: SiteSetting): Promise<void> {
    const row = rows.sitePermission(profile, site, permission);
    this.#tell(await this.#inBrowser(row, undefined, () => this.backend.setSitePermission(profile, site, permission, setting)));
  }

  /** Clears what the dialog shows; throws what the program refuses, for the dialog. */
  async clearBrowsers(choice: ClearChoice): Promise<void> {
    const done = await this.backend.clearBrowsers(choice);
    await Promise.all([this.browsers.refresh(), this.store.refresh()]);
    this.#tell(done);
  }

  cancelWaiting(id: string): Promise<boolean> {
    return this.attempt(async () => {
      await this.backend.cancelWaiting(id);
      await this.browsers.refresh();
    });
  }

  /** Puts back what a clearing took, after a question. */
  async restoreBackup({ id, says }: BackupView): Promise<void> {
    const { restoreTitle: title, restoreSays, restoreAct: act } = m.browsers;
    if (!(await this.confirm.ask({ title, lines: [says, restoreSays], act, testid: testids.restoreAct }))) return;
    this.#tell(await this.#inBrowser(rows.backup(id), undefined, () => this.backend.restoreBackup(id)));
  }

  openBrowserPage(browser: string): Promise<boolean> {
    return this.attempt(() => this.backend.openBrowserPage(browser));
  }

  /** Opens an archive to be read; asks for its passphrase first when it needs one. */
  async readArchive(path: string, sealed: boolean): Promise<void> {
    if (sealed) this.exports.go({ name: "open", path, sealed });
    else await this.attempt(() => this.exports.open(path, null));
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

  #refuse(profile: string, site: string, refuse: boolean): Promise<DoneView | null> {
    return this.#inBrowser(rows.site(profile, site), refuse, () => this.backend.refuseSite(profile, site, refuse));
  }

  /** Changes something in a browser; what is then observed there takes over before the switch is let go. */
  #inBrowser(row: string, to: boolean | undefined, work: () => Promise<DoneView>): Promise<DoneView | null> {
    return this.store.move(row, to, async () => {
      const done = await work();
      await this.browsers.refresh();
      return done;
    });
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
