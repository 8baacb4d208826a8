/**
 * The one seam between the window and the program. The window sees a `Backend`; the real one calls the generated
 * commands, tests and the dev page put a made-up one in its place.
 *
 * Errors the program answers with are thrown as `Refusal`, which carries its `ErrorView`.
 */
import { silently, unwrap } from "./answer";
import {
  commands,
  events,
  type AppView,
  type BrowsersView,
  type ClearChoice,
  type ClearPreview,
  type CodeSentView,
  type ConsentChange,
  type ConsentEventView,
  type DoneView,
  type Painted,
  type PlaceView,
  type PlanView,
  type SitePermission,
  type SiteSetting,
  type Theme,
  type Wanted,
} from "./bindings";
import { tauriDeletion, type DeletionBackend } from "./ipc.deletion";
import { tauriExports, type ExportsBackend } from "./ipc.exports";
import { tauriRequests, type RequestsBackend } from "./ipc.requests";

export { asErrorView, Refusal } from "./answer";
export type * from "./bindings";
export type { ExportsBackend } from "./ipc.exports";

/** Stops listening. */
export type Unlisten = () => void;

/** What the window can ask of the program. */
export interface Backend extends ExportsBackend, RequestsBackend, DeletionBackend {
  view(): Promise<AppView>;
  previewPermission(id: string, wanted: Wanted): Promise<PlanView>;
  setPermission(id: string, wanted: Wanted): Promise<DoneView>;
  setConsents(changes: ConsentChange[]): Promise<DoneView>;
  undo(change: string): Promise<DoneView>;
  retryRefused(outboxId: string): Promise<DoneView>;
  discardRefused(outboxId: string): Promise<DoneView>;
  chooseAccount(place: PlaceView, address: string | null): Promise<void>;
  requestCode(identifier: string): Promise<CodeSentView>;
  signIn(identifier: string, code: string): Promise<void>;
  signOut(): Promise<void>;
  consentHistory(): Promise<ConsentEventView[]>;
  openSettings(permission: string): Promise<void>;
  copyAside(file: string): Promise<string>;
  setTheme(theme: Theme): Promise<void>;
  dismissNotice(code: string): Promise<void>;
  syncNow(): Promise<void>;
  browsers(): Promise<BrowsersView>;
  lookAtBrowsers(): Promise<void>;
  previewClear(choice: ClearChoice): Promise<ClearPreview>;
  clearBrowsers(choice: ClearChoice): Promise<DoneView>;
  cancelWaiting(id: string): Promise<void>;
  restoreBackup(id: string): Promise<DoneView>;
  refuseSite(profile: string, site: string, refuse: boolean): Promise<DoneView>;
  setSitePermission(profile: string, site: string, permission: SitePermission, setting: SiteSetting): Promise<DoneView>;
  openBrowserPage(browser: string): Promise<void>;
  /** Something is on the glass for the first time; `at` is in milliseconds since 1970. */
  painted(what: Painted, at: number): Promise<void>;
  /** Calls back with the revision of every newer view. */
  onChanged(callback: (revision: number) => void): Promise<Unlisten>;
}

/** The program this window belongs to. */
export const tauri: Backend = {
  ...tauriExports,
  ...tauriRequests,
  ...tauriDeletion,
  view: () => unwrap(commands.view()),
  previewPermission: (id, wanted) => unwrap(commands.previewPermission(id, wanted)),
  setPermission: (id, wanted) => unwrap(commands.setPermission(id, wanted)),
  setConsents: (changes) => unwrap(commands.setConsents(changes)),
  undo: (change) => unwrap(commands.undo(change)),
  retryRefused: (outboxId) => unwrap(commands.retryRefused(outboxId)),
  discardRefused: (outboxId) => unwrap(commands.discardRefused(outboxId)),
  chooseAccount: (place, address) => silently(commands.chooseAccount(place, address)),
  requestCode: (identifier) => unwrap(commands.requestCode(identifier)),
  signIn: (identifier, code) => silently(commands.signIn(identifier, code)),
  signOut: () => silently(commands.signOut()),
  consentHistory: () => unwrap(commands.consentHistory()),
  openSettings: (permission) => silently(commands.openSettings(permission)),
  copyAside: (file) => unwrap(commands.copyAside(file)),
  setTheme: (theme) => silently(commands.setTheme(theme)),
  dismissNotice: (code) => silently(commands.dismissNotice(code)),
  syncNow: () => silently(commands.syncNow()),
  browsers: () => unwrap(commands.browsers()),
  lookAtBrowsers: () => silently(commands.lookAtBrowsers()),
  previewClear: (choice) => unwrap(commands.previewClear(choice)),
  clearBrowsers: (choice) => unwrap(commands.clearBrowsers(choice)),
  cancelWaiting: (id) => silently(commands.cancelWaiting(id)),
  restoreBackup: (id) => unwrap(commands.restoreBackup(id)),
  refuseSite: (profile, site, refuse) => unwrap(commands.refuseSite(profile, site, refuse)),
  setSitePermission: (profile, site, permission, setting) => unwrap(commands.setSitePermission(profile, site, permission, setting)),
  openBrowserPage: (browser) => silently(commands.openBrowserPage(browser)),
  painted: (what, at) => silently(commands.painted(what, at)),
  onChanged: (callback) => events.changed.listen((event) => callback(event.payload.revision)),
};
