/** Made-up exports, for tests and for looking at the screens. Nothing here reaches the built window. */
import type { ExportChoices, ExportsView, ExportView, HeldCategory, KnownArchiveView, RegimeView, WaitsView } from "../lib/bindings";
import { at, before } from "./fixtures";

const DAY = 24 * 60;

export function copy(id: string, more: Partial<ExportView> = {}): ExportView {
  return {
    id,
    stage: "asked",
    says: "The service has your request.",
    askedAt: before(12),
    changedAt: before(1),
    regime: "European Economic Area, GDPR",
    from: null,
    to: null,
    asked: [],
    categories: [],
    leftOut: 0,
    bytes: null,
    expiresAt: null,
    transfer: null,
    checking: null,
    place: "/home/sam/Downloads/dingtalk-2026-01-10.zip",
    encrypted: false,
    waits: null,
    notices: [],
    failure: null,
    canRetry: false,
    canCancel: true,
    report: null,
    setAside: null,
    part: null,
    elsewhere: false,
    ...more,
  };
}

const ready: Partial<ExportView> = { bytes: "1288490188", expiresAt: before(-3 * DAY) };

const sound = {
  sound: true,
  lines: [
    "This archive is complete and unchanged, and it is yours.",
    "Checked: 2026-01-10T11:58:00Z",
    "Length: 1288490188 bytes",
    "SHA-256 of the file: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, as the service named it",
    "Files read and compared with the list: 3104 (1402911022 bytes)",
    "Signature: holds, key “2026-1”",
  ],
};

const unsound = {
  sound: false,
  lines: [
    "One thing is not as they should be in this archive (1 found).",
    "Checked: 2026-01-10T11:58:00Z",
    "Length: 1288490188 bytes",
    "– “data/messages/2025-03.records.json” isn't what was listed when the archive was made: it was changed or damaged. [differs]",
  ],
};

const waiting = (code: WaitsView["code"], says: string, missing: string | null = null): WaitsView => ({ code, says, missing });

/** One export in each state that looks different, by name. */
export const copies: Record<string, () => ExportView> = {
  asked: () => copy("e1"),
  preparing: () =>
    copy("e1", {
      stage: "preparing",
      says: "The service is putting your data together. You can close this window; it goes on.",
      categories: [
        { id: "messages", name: "Messages", itemsDone: 61_200, itemsTotal: 100_000, bytesDone: "24000000", bytesTotal: "39000000" },
        { id: "docs", name: "Docs", itemsDone: 0, itemsTotal: 240, bytesDone: "0", bytesTotal: "820000000" },
      ],
    }),
  ready: () => copy("e1", { ...ready, stage: "ready", says: "Your data is ready. Choose where to keep it.", leftOut: 3 }),
  downloading: () =>
    copy("e1", {
      ...ready,
      stage: "downloading",
      says: "Your data is being downloaded.",
      transfer: { received: "512000000", of: "1288490188", perSecond: "24000000", secondsLeft: 33 },
      notices: [{ at: before(2), says: "The service replaced the archive meanwhile, so the download started over." }],
    }),
  checking: () =>
    copy("e1", { ...ready, stage: "checking", says: "Your data has arrived and is being checked.", checking: { done: "900000000", of: "1288490188" } }),
  checked: () => copy("e1", { ...ready, stage: "checked", says: "Your data is here, complete and unchanged.", report: sound, canCancel: false }),
  signIn: () => copy("e1", { ...ready, stage: "downloading", waits: waiting("sign-in", "You are signed out. Sign in, and it goes on where it was.") }),
  noRoom: () =>
    copy("e1", {
      ...ready,
      stage: "downloading",
      waits: waiting("no-room", "The disk is full. Make room, and it goes on where it was. Or choose another place: there it begins again.", "310000000"),
    }),
  placeMissing: () =>
    copy("e1", {
      ...ready,
      stage: "downloading",
      waits: waiting("place-missing", "The folder you chose can't be reached. Connect its drive again, or choose another place."),
    }),
  code: () => copy("e1", { waits: waiting("code-needed", "A fresh code is needed: the one before was never kept.") }),
  key: () => copy("e1", { ...ready, stage: "checking", waits: waiting("key-changed", "The service signs with a key that nobody known vouches for.") }),
  passphrase: () => copy("e1", { ...ready, stage: "checking", encrypted: true, waits: waiting("passphrase-needed", "Enter the passphrase again: it is kept nowhere.") }),
  notSound: () =>
    copy("e1", {
      stage: "failed",
      says: "“data/messages/2025-03.records.json” isn't what was listed when the archive was made: it was changed or damaged.",
      failure: "differs",
      canRetry: true,
      report: unsound,
      setAside: "/home/sam/Downloads/dingtalk-2026-01-10.zip.part.not-sound",
    }),
  expired: () =>
    copy("e1", {
      stage: "expired",
      says: "The service keeps an export only for a while, and has removed this one. What had arrived is kept and can be read. You can ask for a new one.",
      canRetry: true,
      canCancel: false,
      part: { path: "/home/sam/Downloads/dingtalk-2026-01-10.zip.part", bytes: "512000000" },
    }),
  cancelled: () => copy("e1", { stage: "cancelled", says: "You cancelled this export.", canCancel: false }),
  elsewhere: () => copy("e1", { ...ready, stage: "downloading", elsewhere: true, says: "Your data is being downloaded." }),
};

export function known(id: string, more: Partial<KnownArchiveView> = {}): KnownArchiveView {
  const name = more.name ?? `dingtalk-${id}.zip`;
  return { id, name, path: `/home/sam/Downloads/${name}`, export: null, bytes: "1288490188", encrypted: false, addedAt: before(30 * DAY), sound: true, there: true, ...more };
}

function held(id: string, name: string, holds: string, items: number, bytes: number, more: Partial<HeldCategory> = {}): HeldCategory {
  return { id, name, holds, clause: "§1", controller: "dingtalk", dated: true, items, bytes: String(bytes), firstAt: before(900 * DAY), lastAt: at, ...more };
}

function law(id: string, name: string, law: string, more: Partial<RegimeView> = {}): RegimeView {
  return { id, name, law, clause: "§10", limit: null, nextAllowedAt: null, earliest: null, ...more };
}

export function choices(): ExportChoices {
  return {
    categories: [
      held("account", "Account", "The address or number you sign in with, and when you signed in.", 12, 4_000, { dated: false }),
      held("messages", "Messages", "What you wrote and received, with pictures and files.", 100_000, 39_000_000),
      held("calendar", "Calendar", "Events, with who is invited.", 320, 210_000),
      held("docs", "Docs", "Documents you wrote or may read.", 240, 820_000_000, { controller: "organization" }),
      held("attendance", "Attendance", "When you came and went.", 412, 96_000, { controller: "organization" }),
      held("mail", "Mail", "Letters, with what is attached.", 0, 0, { firstAt: null, lastAt: null }),
    ],
    regimes: [
      law("general", "Anywhere else", "The policy itself"),
      law("eea", "European Economic Area", "GDPR"),
      law("california", "California", "CCPA", {
        limit: { atMost: 2, withinMonths: 12, coversMonths: 12 },
        nextAllowedAt: before(-90 * DAY),
        earliest: before(365 * DAY),
      }),
    ],
    place: "/home/sam/Downloads/dingtalk-2026-01-10.zip",
  };
}

/** What the list shows, by name. */
export const exportSituations: Record<string, () => ExportsView> = {
  none: () => ({ exports: [], archives: [] }),
  usual: () => ({
    exports: [copies["checked"]!(), copy("e0", { ...copies["downloading"]!(), id: "e0", askedAt: before(3) })],
    archives: [known("2026"), known("2025", { encrypted: true, sound: null }), known("old", { there: false })],
  }),
  ...Object.fromEntries(Object.entries(copies).map(([name, make]) => [name, () => ({ exports: [make()], archives: [] })])),
};
