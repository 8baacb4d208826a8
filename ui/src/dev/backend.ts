/** A made-up program behind the window: it remembers switches, asks where the real one would, and can be slow or refuse. */
import type {
  AppView,
  BrowsersView,
  DeletionView,
  DoneView,
  ExportsView,
  PermissionView,
  RequestsView,
  StateWord,
  Wanted,
} from "../lib/bindings";
import { Refusal, type Backend } from "../lib/ipc";
import { usual } from "./browsers";
import { madeUpBrowsers } from "./browsing";
import { deletionSituations, madeUpDeletion, type DeletionSituation } from "./deletion";
import { exportSituations } from "./exports";
import { madeUpExports, type Exporting } from "./exporting";
import { at, change } from "./fixtures";
import { madeUpRequests, requestSituations } from "./requests";

export interface MadeUp extends Backend {
  /** What was called, in order. */
  readonly calls: string[];
  /** The next call of this name is refused. */
  refuse(name: string, code: string, message: string): void;
  /** Makes a newer view and says so, as another program's change would. */
  push(next: (view: AppView) => AppView): void;
  /** The same, of the browsers. */
  pushBrowsers(next: (view: BrowsersView) => BrowsersView): void;
  /** What it has of exports and archives. */
  readonly exporting: Exporting;
  /** The same, of the end of the account. */
  pushDeletion(next: (view: DeletionView) => DeletionView): void;
}

const observed: Record<Wanted, StateWord> = { allow: "allowed", deny: "denied", reset: "allowed" };

/** What else the made-up program knows. */
export interface More {
  requests?: RequestsView;
  deletion?: DeletionSituation;
}

/** `delay`: how long an answer takes, in milliseconds. */
export function madeUp(
  first: AppView,
  delay = 0,
  browsers: BrowsersView = usual(),
  exports: ExportsView = exportSituations["none"]!(),
  more: More = {},
): MadeUp {
  let view = first;
  let serial = 100;
  const calls: string[] = [];
  const refusals = new Map<string, Refusal>();
  const listeners = new Set<(revision: number) => void>();

  async function answer<T>(name: string, value: () => T): Promise<T> {
    calls.push(name);
    if (delay > 0) await new Promise((done) => setTimeout(done, delay));
    const refusal = refusals.get(name);
    refusals.delete(name);
    if (refusal) throw refusal;
    return value();
  }

  function push(next: (view: AppView) => AppView): void {
    view = { ...next(view), revision: view.revision + 1 };
    for (const listener of listeners) listener(view.revision);
  }

  function done(says: string, name: string): DoneView {
    const id = `c${++serial}`;
    push((now) => ({ ...now, history: [change(id, says, { name, at: new Date().toISOString() }), ...now.history] }));
    return { change: id, says };
  }

  function goes(ids: string[], state: StateWord) {
    const set = (each: PermissionView) => (ids.includes(each.id) ? { ...each, state, decidedBy: "You, in this program." } : each);
    push((now) => ({ ...now, device: { ...now.device, permissions: now.device.permissions.map(set) } }));
  }

  const news = () => push((now) => now);
  const ending = madeUpDeletion(more.deletion ?? deletionSituations["free"]!(), { answer, news });
  const browsing = madeUpBrowsers(browsers, { answer, done, news });
  const exporting = madeUpExports(exports, { answer, news });

  return {
    ...browsing.commands,
    ...exporting.commands,
    exporting,
    ...ending.commands,
    dismissWipe: async () => {
      await ending.commands.dismissWipe();
      push((now) => ({ ...now, wiping: false }));
    },
    ...madeUpRequests(more.requests ?? requestSituations["none"]!(), { answer, news }),
    calls,
    push,
    pushBrowsers: browsing.set,
    pushDeletion: ending.set,
    refuse: (name, code, message) => void refusals.set(name, new Refusal({ code, message, retryable: false })),
    view: () => answer("view", () => view),
    previewPermission: (id, wanted) =>
      answer("previewPermission", () => ({
        idle: false,
        warning:
          wanted === "deny" && id === "microphone"
            ? "Flatpak can't tell the microphone from the speakers. DingTalk's sound goes off too."
            : null,
        also: id === "camera" ? ["Face recognition"] : id === "face" ? ["Camera"] : [],
        expected: observed[wanted],
      })),
    setPermission: (id, wanted) =>
      answer("setPermission", () => {
        const name = view.device.permissions.find((each) => each.id === id)?.name ?? id;
        goes(id === "camera" || id === "face" ? ["camera", "face"] : [id], observed[wanted]);
        return done(`${name} is ${observed[wanted]}.`, name);
      }),
    setConsents: (changes) =>
      answer("setConsents", () => {
        const wanted = new Map(changes.map((each) => [each.id, each.granted]));
        push((now) => ({
          ...now,
          consents: now.consents.map((each) => ({ ...each, granted: wanted.get(each.id) ?? each.granted })),
        }));
        const [one] = changes;
        const name = view.consents.find((each) => each.id === one?.id)?.name ?? "";
        return done(`${name} is ${one?.granted ? "allowed" : "denied"}.`, name);
      }),
    undo: (id) =>
      answer("undo", () => {
        push((now) => ({
          ...now,
          history: now.history.map((each) => (each.id === id ? { ...each, stage: "undone", canUndo: false } : each)),
        }));
        return { change: null, says: "It is as it was." };
      }),
    retryRefused: () => answer("retryRefused", () => ({ change: null, says: "It is sent again." })),
    discardRefused: () => answer("discardRefused", () => ({ change: null, says: "Your change is discarded." })),
    chooseAccount: (place, address) =>
      answer("chooseAccount", () => {
        if (place === "service" && !address?.startsWith("https://")) {
          throw new Refusal({ code: "address-not-https", message: "This address isn't secure: it has to start with https://.", retryable: false });
        }
        push((now) => ({
          ...now,
          firstStart: false,
          account: { ...now.account, place, address, status: place === "none" ? "none" : place === "sample" ? "signed-in" : "signed-out", sample: place === "sample" },
        }));
      }),
    requestCode: () =>
      answer("requestCode", () => ({
        expiresAt: new Date(Date.now() + 600_000).toISOString(),
        nextAllowedAt: new Date(Date.now() + 60_000).toISOString(),
        shownCode: view.account.place === "embedded" ? "482913" : null,
      })),
    signIn: (identifier, code) =>
      answer("signIn", () => {
        if (code !== "482913") {
          throw new Refusal({ code: "code-wrong", message: "This isn't the code that was sent. You have 4 more tries.", retryable: true });
        }
        push((now) => ({ ...now, account: { ...now.account, status: "signed-in", identifier, displayName: null, syncedAt: at } }));
      }),
    signOut: () => answer("signOut", () => push((now) => ({ ...now, account: { ...now.account, status: "signed-out" } }))),
    consentHistory: () =>
      answer("consentHistory", () =>
        view.consents.map((each, index) => ({
          sequence: String(40 - index),
          name: each.name,
          granted: each.granted,
          recordedAt: each.changedAt ?? at,
          via: index % 3 === 0 ? "client" : "sample",
        })),
      ),
    openSettings: () => answer("openSettings", () => undefined),
    copyAside: (file) => answer("copyAside", () => `${file}.copy`),
    setTheme: (theme) => answer("setTheme", () => push((now) => ({ ...now, theme }))),
    dismissNotice: (code) =>
      answer("dismissNotice", () => push((now) => ({ ...now, notices: now.notices.filter((each) => each.code !== code) }))),
    syncNow: () => answer("syncNow", () => undefined),
    painted: () => answer("painted", () => undefined),
    onChanged: (callback) =>
      answer("onChanged", () => {
        listeners.add(callback);
        return () => void listeners.delete(callback);
      }),
  };
}
