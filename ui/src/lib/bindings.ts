// The commands, events and types of the Rust side (`src-tauri/src/view.rs`), as they cross to the window.
// Generated from there; edits are lost. `ipc.ts` alone imports the commands and events.

import { invoke as __TAURI_INVOKE } from "@tauri-apps/api/core";
import * as __TAURI_EVENT from "@tauri-apps/api/event";

/** Commands */
export const commands = {
  view: () => typedError<AppView, ErrorView>(__TAURI_INVOKE("view")),
  previewPermission: (id: string, wanted: Wanted) =>
    typedError<PlanView, ErrorView>(__TAURI_INVOKE("preview_permission", { id, wanted })),
  setPermission: (id: string, wanted: Wanted) =>
    typedError<DoneView, ErrorView>(__TAURI_INVOKE("set_permission", { id, wanted })),
  setConsents: (changes: ConsentChange[]) =>
    typedError<DoneView, ErrorView>(__TAURI_INVOKE("set_consents", { changes })),
  undo: (change: string) => typedError<DoneView, ErrorView>(__TAURI_INVOKE("undo", { change })),
  retryRefused: (outboxId: string) =>
    typedError<DoneView, ErrorView>(__TAURI_INVOKE("retry_refused", { outboxId })),
  discardRefused: (outboxId: string) =>
    typedError<DoneView, ErrorView>(__TAURI_INVOKE("discard_refused", { outboxId })),
  chooseAccount: (place: PlaceView, address: string | null) =>
    typedError<null, ErrorView>(__TAURI_INVOKE("choose_account", { place, address })),
  requestCode: (identifier: string) =>
    typedError<CodeSentView, ErrorView>(__TAURI_INVOKE("request_code", { identifier })),
  signIn: (identifier: string, code: string) =>
    typedError<null, ErrorView>(__TAURI_INVOKE("sign_in", { identifier, code })),
  signOut: () => typedError<null, ErrorView>(__TAURI_INVOKE("sign_out")),
  consentHistory: () => typedError<ConsentEventView[], ErrorView>(__TAURI_INVOKE("consent_history")),
  openSettings: (permission: string) =>
    typedError<null, ErrorView>(__TAURI_INVOKE("open_settings", { permission })),
  copyAside: (file: string) => typedError<string, ErrorView>(__TAURI_INVOKE("copy_aside", { file })),
  setTheme: (theme: Theme) => typedError<null, ErrorView>(__TAURI_INVOKE("set_theme", { theme })),
  dismissNotice: (code: string) =>
    typedError<null, ErrorView>(__TAURI_INVOKE("dismiss_notice", { code })),
  syncNow: () => typedError<null, ErrorView>(__TAURI_INVOKE("sync_now")),
  painted: () => typedError<null, ErrorView>(__TAURI_INVOKE("painted")),
};

/** Events */
export const events = {
  changed: makeEvent<Changed>("changed"),
};

/* Types */

/** How the account stands. */
export type AccountStatus = "none" | "signed-out" | "signed-in" | "locked";

/** The account. */
export type AccountView = {
  place: PlaceView;
  address: string | null;
  status: AccountStatus;
  displayName: string | null;
  identifier: string | null;
  sample: boolean;
  sessionOnly: boolean;
  syncedAt: string | null;
  offline: string | null;
};

/** Everything at one moment. */
export type AppView = {
  revision: number;
  version: string;
  firstStart: boolean;
  theme: Theme;
  notices: Notice[];
  device: DeviceView;
  account: AccountView;
  consents: ConsentView[];
  outbox: OutboxView;
  history: ChangeView[];
};

/** One change made here. */
export type ChangeView = {
  id: string;
  at: string;
  kind: string;
  name: string;
  says: string;
  stage: string;
  canUndo: boolean;
};

/** There is a newer view. */
export type Changed = { revision: number };

/** A code is on its way. */
export type CodeSentView = {
  expiresAt: string;
  nextAllowedAt: string;
  shownCode: string | null;
};

/** A consent and what it is to be. */
export type ConsentChange = { id: string; granted: boolean };

/** One line of the service's own history of consents. */
export type ConsentEventView = {
  sequence: string;
  name: string;
  granted: boolean;
  recordedAt: string;
  via: string;
};

/** One consent. */
export type ConsentView = {
  id: string;
  group: string;
  name: string;
  says: string;
  clause: string;
  granted: boolean;
  required: boolean;
  topic: string | null;
  channel: string | null;
  sync: SyncWord;
  changedAt: string | null;
  problem: string | null;
  outboxId: string | null;
};

/** What can be done about a permission. */
export type ControlView = { code: string; reason: string | null; follows: string | null };

/** The DingTalk app on this computer. */
export type DeviceView = {
  install: InstallKind;
  says: string;
  app: string | null;
  observedAt: string | null;
  permissions: PermissionView[];
};

/** What was done. */
export type DoneView = { change: string | null; says: string };

/** An error, for the window. */
export type ErrorView = { code: string; message: string; retryable: boolean };

/** One ground. */
export type GroundView = {
  name: string;
  requested: boolean;
  state: StateWord;
  decidedBy: string;
};

/** How the app is installed. */
export type InstallKind = "flatpak" | "package" | "absent" | "elsewhere" | "looking";

/** A standing message with something to do about it. */
export type Notice = { code: string; message: string; file: string | null; dismissible: boolean };

/** Changes that haven't reached the service. */
export type OutboxView = { waiting: number; refused: number; nextTryAt: string | null };

/** One permission. */
export type PermissionView = {
  id: string;
  name: string;
  clause: string;
  usedFor: string[];
  without: string;
  state: StateWord;
  requested: RequestedView;
  decidedBy: string;
  control: ControlView;
  settingsLabel: string | null;
  grounds: GroundView[];
  history: ChangeView[];
};

/** Where the account lives. */
export type PlaceView = "none" | "embedded" | "sample" | "service";

/** What a switch would do, to be said before it is done. */
export type PlanView = {
  idle: boolean;
  warning: string | null;
  also: string[];
  expected: StateWord;
};

/** Whether the app asks for a permission. */
export type RequestedView = { code: string; entries: string[] };

/** The one vocabulary of states. */
export type StateWord =
  | "allowed"
  | "denied"
  | "asks"
  | "not-requested"
  | "not-enforced"
  | "unknown";

/** Whether the service has a change. */
export type SyncWord = "synced" | "waiting" | "needs-you" | "not-known";

/** Light, dark, or what the desktop says. */
export type Theme = "system" | "light" | "dark";

/** What a permission is to be. */
export type Wanted = "allow" | "deny" | "reset";

/* Runtime */

async function typedError<T, E>(
  result: Promise<T>,
): Promise<{ status: "ok"; data: T } | { status: "error"; error: E }> {
  try {
    return { status: "ok", data: await result };
  } catch (error) {
    if (error instanceof Error) throw error;
    return { status: "error", error: error as E };
  }
}

function makeEvent<T>(name: string) {
  return {
    listen: (cb: __TAURI_EVENT.EventCallback<T>) => __TAURI_EVENT.listen(name, cb),
    once: (cb: __TAURI_EVENT.EventCallback<T>) => __TAURI_EVENT.once(name, cb),
  };
}
