/**
 * Every sentence of the window, in English. Second person, present tense, short. What the program itself says about a
 * change, an error or a notice comes with it; what stands here is the window's own.
 */
import type { StateWord, SyncWord, Theme } from "../bindings";
import type { Place } from "../router.svelte";
import { browsers } from "./en.browsers";
import { deletion } from "./en.deletion";
import { exports } from "./en.exports";
import { requests } from "./en.requests";

const list = new Intl.ListFormat("en", { type: "conjunction" });

/** "1 change", "2 changes". */
function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

const states = {
  allowed: "Allowed",
  denied: "Denied",
  asks: "Asks each time",
  "not-requested": "Not requested",
  "not-enforced": "Can't be enforced here",
  unknown: "Couldn't be checked",
} satisfies Record<StateWord, string>;

const stateSays = {
  allowed: "DingTalk can use this.",
  denied: "DingTalk can't use this.",
  asks: "You are asked whenever DingTalk wants this.",
  "not-requested": "DingTalk doesn't ask for this here.",
  "not-enforced": "Nothing on this computer can keep DingTalk from this.",
  unknown: "This computer didn't say. It may be allowed.",
} satisfies Record<StateWord, string>;

const sync = {
  synced: "Recorded by the service",
  waiting: "Waiting to be sent",
  "needs-you": "Needs you",
  "not-known": "Couldn't be checked",
} satisfies Record<SyncWord, string>;

const syncSays = {
  synced: "The service has your choice.",
  waiting: "Your choice goes to the service when it answers.",
  "needs-you": "The service refused your choice.",
  "not-known": "The service hasn't said yet. Until then, you see the protective default.",
} satisfies Record<SyncWord, string>;

const places = {
  overview: "Overview",
  permissions: "Device permissions",
  marketing: "Marketing",
  cookies: "Cookies",
  sharing: "Sharing",
  export: "Your data",
  requests: "Requests",
  account: "Account",
  deletion: "Delete my account",
  activity: "Activity",
  about: "About",
} satisfies Record<Place, string>;

const themes = {
  system: "Like the desktop",
  light: "Light",
  dark: "Dark",
} satisfies Record<Theme, string>;

export const en = {
  appName: "Settings & Privacy",
  states,
  stateSays,
  sync,
  syncSays,
  places,
  themes,

  words: {
    back: "Back",
    cancel: "Cancel",
    close: "Close",
    copyMade: (path: string) => `A copy is at ${path}`,
    discard: "Discard my change",
    dismiss: "Put away",
    loading: "Looking…",
    makeCopy: "Make a copy",
    retry: "Try again",
    undo: "Undo",
    justNow: "just now",
    never: "not yet",
  },

  errors: {
    noAnswer: "The program didn't answer. Try again. If that doesn't help, close it and open it.",
    start: "Your settings can't be shown",
    stale: "What you see may be old.",
  },

  toasts: {
    region: "Messages",
    hint: "Undo: Ctrl+Z",
  },

  sidebar: {
    label: "Places",
    device: "This computer",
    account: "Your account",
    about: "About",
    waiting: (count: number) => `${counted(count, "change", "changes")} waiting`,
    needsYou: (count: number) => `${counted(count, "change needs", "changes need")} you`,
  },

  search: {
    label: "Search settings",
    placeholder: "Search",
    results: "Search results",
    found: (count: number) => (count === 0 ? "Nothing found" : counted(count, "setting found", "settings found")),
    cookies: "browsers Firefox Chrome cookies local storage history clear delete refuse block",
    requests: "letter mail request access correct rights law deadline",
    deletion: "delete end close account leave organization receipt",
    export: "export copy download archive takeout portability access read",
    none: (text: string) => `Nothing here is called “${text}”. Try “camera” or “e-mail”.`,
  },

  onboarding: {
    title: "Where does your DingTalk account live?",
    says: "You can change this later. Your device permissions work either way.",
    embedded: "On this computer",
    embeddedSays: "A private account service inside this program. You sign in with an e-mail address and a code, and nothing leaves this computer.",
    sample: "Nowhere: show me a sample",
    sampleSays: "A made-up account to look around in; nothing changes at DingTalk. This computer's own switches are real.",
    sampleTag: "Made up",
    service: "At a service's address",
    serviceSays: "Your organization, or someone you trust, runs an account service for you.",
    address: "The service's address",
    addressHint: "It starts with https://",
    none: "No account",
    noneSays: "Only this computer's settings: what DingTalk can use here.",
    continue: "Continue",
    skip: "Skip for now",
    choose: "Choose one of the four, or skip.",
    addressMissing: "Enter the address you were given.",
    unofficial: "This is not made by DingTalk. It is an independent program that works for you.",
  },

  overview: {
    says: "What DingTalk can use here, and what it holds about you.",
    device: (allowed: number, total: number) =>
      allowed === 0
        ? "No permission stands open for DingTalk on this computer."
        : `DingTalk can use ${allowed} of ${total} things on this computer.`,
    counts: (allowed: number, denied: number, asks: number) =>
      [
        allowed > 0 ? `${allowed} allowed` : "",
        denied > 0 ? `${denied} denied` : "",
        asks > 0 ? `${counted(asks, "asks", "ask")} each time` : "",
      ]
        .filter(Boolean)
        .join(" · "),
    package: "Can't be held here",
    absent: "DingTalk isn't installed",
    elsewhere: "The system decides",
    marketing: (on: number) => (on === 0 ? "None" : counted(on, "kind is on", "kinds are on")),
    sharing: (on: number, total: number) => (on === 0 ? "None" : `${on} of ${total} on`),
    noAccount: "No account",
    signedOut: "Not signed in",
    locked: "Keyring locked",
    waiting: "Waiting to be sent",
    waitingSays: (count: number) => `Waiting for the network: ${counted(count, "change", "changes")}.`,
    refused: "Needs you",
    refusedSays: (count: number) => `The service refused ${counted(count, "change", "changes")}.`,
    checked: "Checked",
    cookies: "In your browsers",
  },

  permissions: {
    says: "Off means DingTalk can't use it, on this computer.",
    found: (app: string) => `Found: ${app}.`,
    checked: "Checked",
    looking: "Looking at this computer…",
    absentSays: "When you install it, its permissions appear here by themselves.",
    packageTitle: "Switches don't work for this kind of install",
    listLabel: "Permissions",
    usedFor: "Used for",
    without: "Without it",
    requested: "DingTalk asks for it",
    effective: "What holds now",
    decides: "Who decides",
    clause: "In the privacy policy",
    changes: "Your changes",
    reason: "Why there's no switch",
    follows: (name: string) => `Goes with ${name}.`,
    reset: "Reset to what DingTalk asks for",
    requestedBy: {
      manifest: "Yes, whenever it runs.",
      "when-needed": "When it needs it; the desktop then asks you.",
      no: "No.",
      unknown: "This couldn't be found out.",
    } as Record<string, string>,
    why: {
      "not-enforced": "Nothing on this computer can keep DingTalk from this.",
      nothing: "DingTalk doesn't ask for it, so there is nothing to switch.",
      blocked: "It can't be changed right now.",
    } as Record<string, string>,
    confirmTitle: {
      allow: (name: string) => `Allow “${name}”?`,
      deny: (name: string) => `Deny “${name}”?`,
      reset: (name: string) => `Reset “${name}”?`,
    },
    confirmAct: { allow: "Allow", deny: "Deny", reset: "Reset" },
    also: (names: string[]) => `${list.format(names)} ${names.length === 1 ? "changes" : "change"} with it.`,
    undoable: "You can undo this.",
  },

  consents: {
    required: "Always on",
    requiredSays: "DingTalk can't work without this, so it can't be taken back.",
    recorded: "Recorded by the service",
    sync: "Your choice",
    chosen: (granted: boolean) => (granted ? "You allow it." : "You deny it."),
    clause: "In the privacy policy",
    noneTitle: "No account here",
    noneSays: "These choices belong to an account. Tell the program where yours lives, and they appear.",
    noneAct: "Choose where your account lives",
    signedOut: "You aren't signed in. You see the protective defaults, not what the service has.",
    signIn: "Sign in",
    emptyTitle: "Nothing to choose",
    emptySays: "The service offers no choice here.",
    about: (name: string, says: string) => `${name}: ${says}`,
    offline: "The service doesn't answer. What you switch now is kept, and sent later.",
  },

  marketing: {
    says: "Off means DingTalk may not send it to you, or show it.",
    grid: "Which marketing reaches you, and how",
    topic: "Topic",
    insights: "What DingTalk learns about you",
    stopAll: "Stop all marketing",
    allOff: "All marketing is off.",
    someOn: (on: number) => `${counted(on, "kind", "kinds")} of marketing ${on === 1 ? "is" : "are"} on.`,
    stopped: "All marketing is off.",
    restored: "Your marketing choices are back as they were.",
    service: "Messages about the service itself, such as a new sign-in, still arrive.",
  },

  browsers,
  exports,

  requests,

  deletion,

  sharing: {
    says: "Who else may receive your data from DingTalk.",
    list: "Who receives your data",
    interoperability: "Other services",
  },

  account: {
    says: "Where your account lives, and who is signed in.",
    place: "Where it lives",
    placeName: {
      none: "No account",
      embedded: "On this computer",
      sample: "Sample account, made up",
      service: "At a service",
    },
    noneSays: "You use only this computer's settings.",
    sampleSays: "Everything you see under Your account is made up. Nothing changes at DingTalk.",
    embeddedSays:
      "This account lives on this computer only, and DingTalk doesn't see what you choose in it. To have DingTalk act on it, write to dt_privacy@service.dingtalk.com.",
    who: "Signed in as",
    signedOut: "Not signed in",
    locked: "Your keyring doesn't open",
    lockedSays: "Your session is in there. Unlock it, then try again.",
    synced: "The service last answered",
    sessionOnly: "Your sign-in couldn't be put in a keyring, so it isn't kept. After a restart you sign in again.",
    signInTitle: "Sign in",
    identifier: "E-mail address",
    identifierMissing: "Enter your e-mail address.",
    sendCode: "Send me a code",
    code: "Code",
    codeMissing: "Enter the code.",
    codeSent: (identifier: string) => `A code is on its way to ${identifier}.`,
    codeShown: "Your account lives on this computer, so the code is shown here:",
    useCode: "Use it",
    expires: "It can be used until",
    again: "Send another code",
    againFrom: "Another code can be sent from",
    otherAddress: "Use another e-mail address",
    signIn: "Sign in",
    signInSample: "Sign in to the sample account",
    signOut: "Sign out",
    signedOutSays: "You are signed out.",
    change: "Change where it lives",
    changeShort: "Change",
    changeSays: "You sign in again at the new place. This computer's settings stay as they are.",
    usePlace: "Use this",
    syncNow: "Ask the service now",
    unlockRetry: "Try again",
    historyTitle: "What the service has recorded",
    historySays: "The service keeps this list.",
    historyClosed: "Every yes and no, with its time",
    historyShow: "Show the list",
    historyEmpty: "Nothing is recorded yet.",
    historyMore: "Show more",
    historyLine: (name: string, granted: boolean) => `${name}: ${granted ? "allowed" : "denied"}`,
    via: { client: "by you", operator: "by the service's operator", sample: "made up" } as Record<string, string>,
  },

  activity: {
    says: "What you changed here, newest first.",
    list: "Changes",
    waiting: "Not with the service yet",
    nextTry: "Next try:",
    emptyTitle: "Nothing changed yet",
    emptySays: "Every switch you move is listed here, and can be undone.",
    undoOf: (says: string) => `Undo: ${says}`,
    retryOf: (name: string) => `Try again: ${name}`,
    discardOf: (name: string) => `Discard my change: ${name}`,
  },

  about: {
    version: (version: string) => `Version ${version}`,
    unofficial: "This program is not made, checked or endorsed by DingTalk. It is an independent program that works for you, and bears none of DingTalk's signs.",
    doesTitle: "What it does",
    does: [
      "It shows what this computer lets DingTalk use, as read a moment ago, and changes it when you say so.",
      "It shows what your account service says you agreed to, and tells it what you change.",
      "It keeps a list of your changes, and can undo them.",
    ],
    neverTitle: "What it never does",
    never: [
      "It sends nothing to anyone but the account service you chose.",
      "It doesn't read your messages, files or contacts.",
      "It changes nothing unless you say so.",
    ],
    contactTitle: "DingTalk's privacy contact",
    contactSays: "Named in DingTalk's privacy policy, for questions and requests about your data.",
    contact: "dt_privacy@service.dingtalk.com",
    look: "Look",
    theme: "Colours",
    shortcutsTitle: "Keyboard",
    shortcuts: [
      { keys: ["Ctrl", "F"], says: "Search" },
      { keys: ["Alt", "←"], says: "Go back" },
      { keys: ["Ctrl", "Z"], says: "Undo what the message at the bottom says" },
      { keys: ["F6"], says: "Move between the list of places, the page and the message" },
      { keys: ["Space"], says: "Move a switch" },
      { keys: ["Enter"], says: "Show or hide details" },
    ],
  },
};

export type Messages = typeof en;
