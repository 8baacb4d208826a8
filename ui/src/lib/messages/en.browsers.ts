/** What the window says about browsers: cookies and site data, and what sites may use. Part of `en.ts`. */
import type { BackupExtent, CookiePurpose, BrowserRunning, NamedElsewhere, SitePermission, SiteSetting, StoredKind } from "../bindings";

const list = new Intl.ListFormat("en", { type: "conjunction" });
const number = new Intl.NumberFormat("en");

interface KindWords {
  name: string;
  /** What it is, in one sentence. */
  says: string;
  one: string;
  several: string;
}

const kinds = {
  cookie: {
    name: "Cookies",
    says: "Small notes that the browser sends back to the site with each visit.",
    one: "cookie",
    several: "cookies",
  },
  "local-storage": {
    name: "Local storage",
    says: "Notes that a page keeps in the browser.",
    one: "entry in local storage",
    several: "entries in local storage",
  },
  "indexed-db": { name: "Databases", says: "Larger collections that a page keeps in the browser (IndexedDB).", one: "database", several: "databases" },
  "cache-storage": {
    name: "Saved pages and files",
    says: "Copies a page keeps so that it opens faster, or without a network (Cache Storage).",
    one: "saved page or file",
    several: "saved pages and files",
  },
  "service-worker": {
    name: "Background scripts",
    says: "Scripts that can run while no page of the site is open (service workers).",
    one: "background script",
    several: "background scripts",
  },
  "file-system": { name: "Files", says: "Files a page keeps in a folder of its own inside the browser.", one: "file", several: "files" },
  quota: { name: "Storage records", says: "The browser's own record of how much the site keeps.", one: "storage record", several: "storage records" },
  "session-storage": {
    name: "Session storage",
    says: "Notes a page keeps for one tab.",
    one: "entry in session storage",
    several: "entries in session storage",
  },
  history: { name: "History", says: "Pages you visited.", one: "entry in the history", several: "entries in the history" },
  "session-restore": { name: "Tabs to reopen", says: "Tabs the browser can bring back.", one: "tab to reopen", several: "tabs to reopen" },
  "http-cache": { name: "Page cache", says: "Copies of pages that the browser keeps to show them faster.", one: "entry in the page cache", several: "entries in the page cache" },
  downloads: { name: "Downloads", says: "Downloads that the browser lists.", one: "listed download", several: "listed downloads" },
  icons: { name: "Page icons", says: "Icons of pages you visited.", one: "page with an icon", several: "pages with icons" },
  suggestions: { name: "Suggestions", says: "What the browser offers as you type or open a tab.", one: "suggestion", several: "suggestions" },
} satisfies Record<StoredKind, KindWords>;

export const browsers = {
  kinds,
  /** "Firefox, default-release". */
  profile: (browser: string, name: string) => `${browser}, ${name}`,
  nothing: "Nothing kept here",

  title: "Cookies and site data",
  policy: "DingTalk's policy (§6) lets its sites keep cookies and local storage, to run and secure the service and for statistics. You may clear or refuse them.",
  does: "What DingTalk's sites keep in the browsers on this computer. Nothing of other sites is touched.",
  clearAll: "Clear everything DingTalk's sites keep here…",

  looked: "Looked",
  lookAgain: "Look again",
  looking: "Looking at your browsers…",
  progress: (done: number, total: number) => `Looked at ${done} of ${total} profiles.`,
  failure: "Your browsers can't be shown",

  cameBackTitle: "Since the last look",
  about: (profile: string, says: string) => `${profile}: ${says}`,
  waitingTitle: (browser: string) => `Close ${browser} to go on`,
  waitingBegun: (browser: string) => `Working in ${browser}`,
  waitingGoesOn: "You can leave this screen.",
  waitingCancel: "Don't do this",

  here: "On this computer",
  noneTitle: "No browser found",
  noneSays: "Firefox, Chrome, Chromium, Edge, Brave, Vivaldi and Opera are shown here, once one of them was used on this computer.",
  emptyTitle: "DingTalk's sites keep nothing here",
  emptySays: "No cookie and no site data of theirs is in your browsers.",
  emptyProfile: "Nothing of DingTalk's sites is kept here.",
  outside: "Browsers this program can't reach",
  openPage: "Open it",
  openPageOf: (browser: string) => `Open ${browser}`,

  running: {
    yes: "Open now",
    no: "Closed",
    unknown: "Couldn't be checked",
  } satisfies Record<BrowserRunning, string>,
  runningSays: {
    yes: "This browser is open. It has to be closed before anything in it is cleared.",
    no: "This browser is closed.",
    unknown: "It couldn't be found out whether this browser is open.",
  } satisfies Record<BrowserRunning, string>,

  elsewhereTitle: "Not cleared unless you ask",
  elsewhere: (what: string) => `The sites are also named in ${what}.`,

  clear: "Clear…",
  clearProfile: (profile: string) => `Clear all of DingTalk's data in ${profile}`,
  clearSite: (domain: string, profile: string) => `Clear what ${domain} keeps in ${profile}`,
  clearKind: (kind: string, domain: string, profile: string) => `Clear ${kind} of ${domain} in ${profile}`,
  clearItem: (name: string, host: string) => `Clear “${name}” of ${host}`,

  siteReason: "Why it is listed",
  kept: "What it keeps",
  amount: (count: number) => number.format(count),
  sized: (count: number, size: string) => `${number.format(count)} · ${size}`,
  refused: "Refused",
  accepted: "Allowed",
  refusedByPolicy: "By your organization",
  refusedUnknown: "Couldn't be checked",
  refuse: "Refuse its cookies and site data",
  refuseLabel: (domain: string, profile: string) => `Refuse cookies and site data of ${domain} in ${profile}`,
  refuseSays: (browser: string) => `${browser}'s own rule; it also appears in ${browser}'s settings. The site's pages then can't keep anything, so you can't stay signed in there.`,
  refuseLocked: "This can't be changed here",
  refuseUnknown: "It couldn't be found out whether the browser refuses this site.",

  purpose: {
    operation: "Security and operation",
    statistics: "Statistics",
    unknown: "Purpose unknown",
  } satisfies Record<CookiePurpose, string>,
  purposeTerm: "Likely purpose",
  purposeUnknown: "DingTalk publishes no list of its cookies, and this name tells nothing.",
  evidence: "How that is known",
  host: "Belongs to",
  itemSize: "Size",
  showMore: (count: number) => `Show ${number.format(count)} more`,
  showAll: (count: number) => `Show all ${number.format(count)}`,
  shown: (shown: number, total: number) => `${number.format(shown)} of ${number.format(total)} shown`,

  ask: {
    everything: "Clear everything DingTalk's sites keep in your browsers?",
    profile: (profile: string) => `Clear all of DingTalk's data in ${profile}?`,
    site: (domain: string, profile: string) => `Clear what ${domain} keeps in ${profile}?`,
    kind: (kind: string, domain: string, profile: string) => `Clear the ${kind} of ${domain} in ${profile}?`,
    item: (name: string, host: string, profile: string) => `Clear “${name}” of ${host} in ${profile}?`,
    statistics: "Clear the statistics cookies of DingTalk's sites?",
    looking: "Looking at what this takes…",
    takes: (count: number) => `${number.format(count)} ${count === 1 ? "thing goes" : "things go"}.`,
    takesSized: (count: number, size: string) => `${number.format(count)} ${count === 1 ? "thing goes" : "things go"}, ${size}.`,
    nothing: "There is nothing to clear.",
    losses: "What you lose",
    stays: "What stays",
    also: "Also clear these",
    alsoEach: {
      history: {
        name: "History",
        says: "Pages you visited, with the downloads, icons and suggestions the browser lists for them. Your bookmarks and downloaded files stay.",
      },
      "session-restore": {
        name: "Tabs to reopen",
        says: "Pages the browser would open again, with what you typed there and cookies kept for them.",
      },
      "http-cache": { name: "Page cache", says: "Copies of pages and pictures. No backup is kept of them." },
    } satisfies Record<NamedElsewhere, { name: string; says: string }>,
    closing: (browsers: string[]) => `Close ${list.format(browsers)} first. You can start now: clearing goes on by itself once ${browsers.length === 1 ? "it is" : "they are"} closed.`,
    backup: {
      whole: "A backup is kept on this computer for 30 days, so you can undo this.",
      "but-cache": "A backup is kept on this computer for 30 days, so you can undo this. Copies of pages aren't in it: the browser fetches them again when it needs them.",
      none: "No backup is kept of copies of pages: the browser fetches them again when it needs them.",
    } satisfies Record<BackupExtent, string>,
    act: "Clear",
    actLater: "Clear once closed",
    acting: "Clearing…",
  },

  backups: "Backups of what you cleared",
  backupsSays: "Only you can read them. Each is deleted by itself after 30 days.",
  backupMade: "Made",
  backupUntil: "kept until",
  restore: "Restore…",
  restoreOf: (says: string) => `Restore: ${says}`,
  restoreTitle: "Put this back?",
  restoreSays: "What the sites have kept there since stays as it is.",
  restoreAct: "Restore",

  account: "For your account",
  accountSays: "What DingTalk's cookies may be used for.",
  purposes: "Purposes",

  offer: (count: number) =>
    `You deny statistics, and your browsers still keep ${number.format(count)} statistics ${count === 1 ? "cookie" : "cookies"} of DingTalk's sites.`,
  offerClear: "Clear them…",
  offerRefuse: "Refuse these sites…",
  offerNotNow: "Not now",
  offerAsk: (sites: string[]) => `Refuse ${list.format(sites)}?`,
  offerWhole: "A browser can't refuse statistics cookies alone, only everything a site keeps.",
  offerLoss: "You can't stay signed in to these sites there, until you allow them again.",
  offerAct: "Refuse",
  at: (domain: string, profile: string) => `${domain} in ${profile}`,

  permissions: "In your browsers",
  permissionsSays: "What DingTalk's sites may use when you open them in a browser. These are the browser's own settings.",
  permissionsNone: "Your browsers have no setting for DingTalk's sites.",
  permission: {
    camera: "Camera",
    microphone: "Microphone",
    location: "Location",
    notifications: "Notifications",
  } satisfies Record<SitePermission, string>,
  setting: {
    allow: "Allow",
    ask: "Ask",
    deny: "Deny",
  } satisfies Record<SiteSetting, string>,
  settingOf: (permission: string, domain: string, profile: string) => `${permission} for ${domain} in ${profile}`,
  settingOfAll: (setting: string, permissions: string[]) => `${setting}: ${list.format(permissions)}`,
};
