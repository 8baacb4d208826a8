/** Made-up browsers, for tests and for looking at the screens. Nothing here reaches the built window. */
import type {
  BrowserProfileView,
  BrowserSiteView,
  BrowsersView,
  CookiePurpose,
  SitePermissionView,
  StoredItemView,
  StoredKind,
  StoredKindView,
} from "../lib/bindings";
import { at, before } from "./fixtures";

const DAY = 24 * 60;

export function item(id: string, name: string, more: Partial<StoredItemView> = {}): StoredItemView {
  return { id, name, host: "dingtalk.com", bytes: null, purpose: null, evidence: null, details: [], ...more };
}

export function kind(kind: StoredKind, items: StoredItemView[], more: Partial<StoredKindView> = {}): StoredKindView {
  return { kind, count: items.length, bytes: null, items, ...more };
}

function cookie(name: string, purpose: CookiePurpose, evidence: string | null, host = ".dingtalk.com", session = false): StoredItemView {
  return item(`cookie:${host}/:${name}`, name, {
    host,
    purpose,
    evidence,
    details: [
      { label: "Path", value: "/" },
      { label: "Created", value: before(12 * DAY) },
      { label: "Last used", value: before(90) },
      { label: "Expires", value: session ? "When the browser is closed" : before(-300 * DAY) },
      { label: "Sent", value: "Over secure connections only; hidden from scripts" },
    ],
  });
}

function cookies(): StoredItemView[] {
  return [
    cookie("account", "unknown", null),
    cookie("csrfToken", "operation", "Egg.js (Alibaba's server framework), security plug-in: the default name of its anti-forgery cookie", "login.dingtalk.com", true),
    cookie("EGG_SESS", "operation", "Egg.js (Alibaba's server framework), session plug-in: the default name of its session cookie", "login.dingtalk.com"),
    cookie("UM_distinctid", "statistics", "Umeng+ web statistics (CNZZ): the visitor identifier of its script"),
    cookie("_bl_uid", "statistics", "Alibaba Cloud ARMS browser monitoring documentation: the visitor identifier of its script", "im.dingtalk.com"),
    cookie("deviceid", "unknown", null),
  ];
}

function asks(changes: Partial<Record<SitePermissionView["permission"], SitePermissionView["setting"]>> = {}): SitePermissionView[] {
  const all: SitePermissionView["permission"][] = ["camera", "microphone", "location", "notifications"];
  return all.map((permission) => {
    const setting = changes[permission];
    return setting === undefined
      ? { permission, origin: null, setting: "ask", decidedBy: "The browser's default" }
      : { permission, origin: "https://im.dingtalk.com", setting, decidedBy: "You, in the browser" };
  });
}

export function site(domain: string, kinds: StoredKindView[], more: Partial<BrowserSiteView> = {}): BrowserSiteView {
  return {
    domain,
    reason: "The service's own domain: signing in, messages, documents, calendar, the open platform.",
    refused: "no",
    refusedSays: null,
    kinds,
    permissions: asks(),
    ...more,
  };
}

const teambition = "Teambition, which the policy describes as DingTalk Projects.";
const yida = "YiDA, which the policy describes as a feature of DingTalk.";

export function profile(id: string, browser: string, name: string, more: Partial<BrowserProfileView> = {}): BrowserProfileView {
  return { id, browser, name, packaging: null, family: "chromium", running: "no", sites: [], elsewhere: [], problems: [], ...more };
}

export function firefox(): BrowserProfileView {
  return profile("firefox-1", "Firefox", "default-release", {
    family: "firefox",
    running: "yes",
    sites: [
      site("dingtalk.com", [
        kind("cookie", cookies()),
        kind("local-storage", [
          item("ls:1", "https://im.dingtalk.com", { host: "im.dingtalk.com", bytes: "48210", details: [{ label: "Entries", value: "37" }] }),
          item("ls:2", "https://login.dingtalk.com", { host: "login.dingtalk.com", bytes: "1024", details: [{ label: "Entries", value: "3" }] }),
        ], { bytes: "49234" }),
        kind("indexed-db", [item("idb:1", "im-messages", { host: "im.dingtalk.com", bytes: "18400000" })], { bytes: "18400000" }),
        kind("service-worker", [item("sw:1", "https://im.dingtalk.com/", { host: "im.dingtalk.com" })]),
      ], { permissions: asks({ camera: "allow", notifications: "deny" }) }),
      site("teambition.com", [kind("cookie", [cookie("TEAMBITION_SESSIONID", "unknown", null, "account.teambition.com")])], {
        reason: teambition,
        refused: "yes",
        refusedSays: "Firefox refuses it: a rule in its own settings, set here.",
      }),
    ],
    elsewhere: [kind("history", [], { count: 14 }), kind("session-restore", [], { count: 2 })],
  });
}

export function chrome(): BrowserProfileView {
  return profile("chrome-1", "Google Chrome", "Person 1", {
    packaging: "Flatpak",
    sites: [
      site("dingtalk.com", [
        kind("cookie", [cookie("acw_tc", "operation", "Alibaba Cloud Web Application Firewall documentation: cookies that the firewall sets", "www.dingtalk.com")]),
        kind("cache-storage", [item("cs:1", "https://www.dingtalk.com", { host: "www.dingtalk.com", bytes: "2300000" })], { bytes: "2300000" }),
      ], { permissions: asks({ microphone: "allow" }) }),
      site("aliwork.com", [], {
        reason: yida,
        refused: "policy",
        refusedSays: "Google Chrome refuses aliwork.com's cookies and storage. That is set by your organization: only whoever manages this computer can change it.",
        permissions: asks({ location: "deny" }),
      }),
    ],
    elsewhere: [kind("history", [], { count: 3 }), kind("http-cache", [], { count: 41, bytes: "5100000" })],
  });
}

/** The usual: Firefox, open, and Chrome, closed. */
export function usual(): BrowsersView {
  return {
    lookedAt: at,
    looking: false,
    progress: null,
    profiles: [firefox(), chrome()],
    problems: [],
    reports: [],
    elsewhere: [],
    waiting: [],
    backups: [],
  };
}

function many(count: number): StoredItemView[] {
  return Array.from({ length: count }, (_, index) => cookie(`visit_${String(index).padStart(4, "0")}`, "unknown", null));
}

const bare: BrowsersView = { ...usual(), profiles: [] };

/** Every situation of the browsers worth looking at, by name. */
export const browserSituations: Record<string, () => BrowsersView> = {
  usual,
  first: () => ({ ...bare, lookedAt: null }),
  looking: () => ({ ...bare, lookedAt: null, looking: true, progress: { done: 2, total: 5 } }),
  lookingAgain: () => ({ ...usual(), looking: true, progress: { done: 1, total: 2 } }),
  none: () => bare,
  safari: () => ({
    ...bare,
    elsewhere: [
      {
        browser: "Safari",
        says: "macOS protects what Safari keeps, so nothing here can look at it. In Safari, open Settings, then Privacy, then Manage Website Data, and search for dingtalk, aliwork and teambition.",
        canOpen: true,
      },
    ],
  }),
  empty: () => ({
    ...usual(),
    profiles: [
      profile("firefox-1", "Firefox", "default-release", { family: "firefox", running: "no", sites: [site("dingtalk.com", [])] }),
      profile("chrome-1", "Google Chrome", "Person 1"),
    ],
  }),
  cameBack: () => ({
    ...usual(),
    reports: [
      { profile: "firefox-1", says: "3 cookies came back since Tuesday." },
      { profile: "chrome-1", says: "The rule that refuses dingtalk.com is gone. Something else removed it." },
    ],
  }),
  waiting: () => ({
    ...usual(),
    waiting: [
      {
        id: "0",
        profile: "firefox-1",
        browser: "Firefox",
        says: "Clearing in Firefox (default-release) waits until Firefox is closed. Close all of its windows; it goes on by itself, while this program is open.",
        begun: false,
      },
    ],
  }),
  problems: () => ({
    ...usual(),
    problems: [{ code: "sites-unreadable", message: "The Snap folder can't be read, so browsers installed as a Snap aren't shown." }],
    profiles: [
      {
        ...firefox(),
        running: "unknown",
        problems: [
          { code: "newer-schema", message: "cookies.sqlite is of a newer Firefox than this program knows. Its cookies aren't shown, and nothing in it is touched." },
        ],
        sites: [{ ...firefox().sites[0]!, refused: "unknown", refusedSays: "permissions.sqlite can't be read." }],
      },
      chrome(),
    ],
  }),
  backups: () => ({
    ...usual(),
    backups: [
      { id: "b2", at: before(50), until: before(50 - 30 * DAY), profile: "firefox-1", says: "6 cookies and 2 other things of dingtalk.com." },
      { id: "b1", at: before(3 * DAY), until: before(-27 * DAY), profile: "gone", says: "1 cookie of aliwork.com." },
    ],
  }),
  many: () => ({
    ...usual(),
    profiles: [{ ...firefox(), sites: [site("dingtalk.com", [kind("cookie", many(1_000))]), ...firefox().sites.slice(1)] }, chrome()],
  }),
};
