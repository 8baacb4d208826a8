/** What the window says about the end of an account. Part of `en.ts`. */
import type { FateWord, OrganizationRole, ReasonWord } from "../bindings";

const list = new Intl.ListFormat("en", { type: "conjunction" });

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

const fates = {
  deleted: "Deleted",
  anonymized: "Anonymous",
  kept: "Kept",
  unknown: "Not known",
} satisfies Record<FateWord, string>;

/** The policy's criteria for keeping something (§4). */
const criteria: Record<string, string> = {
  A: "Kept as a record of dealings, and for complaints.",
  B: "Kept for the security and quality of the service.",
  C: "Kept because a law asks for it.",
  D: "Kept because you agreed to it.",
  E: "Kept for disputes and agreements.",
};

const reasons = {
  "not-used": "I don't use it any more",
  "another-account": "I have another account",
  "left-organization": "I left the Organization I needed it for",
  privacy: "I don't want so much to be known about me",
  "does-not-fit": "It doesn't do what I need",
  other: "Something else",
} satisfies Record<ReasonWord, string>;

const roles = {
  administrator: "You administer it.",
  member: "You are a member.",
  ended: "You were a member.",
} satisfies Record<OrganizationRole, string>;

/** "30 days", "90 minutes", "20 seconds": as long as the service gives, in its largest whole unit. */
function length(seconds: number): string {
  if (seconds >= 86_400 && seconds % 86_400 === 0) return counted(seconds / 86_400, "day", "days");
  if (seconds >= 3_600 && seconds % 3_600 === 0) return counted(seconds / 3_600, "hour", "hours");
  if (seconds >= 60 && seconds % 60 === 0) return counted(seconds / 60, "minute", "minutes");
  return counted(seconds, "second", "seconds");
}

/** What is left of a countdown: two units, the smaller one rounded down. */
function left(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (days > 0) return list.format([counted(days, "day", "days"), counted(hours, "hour", "hours")]);
  if (hours > 0) return list.format([counted(hours, "hour", "hours"), counted(minutes, "minute", "minutes")]);
  if (minutes > 0) return list.format([counted(minutes, "minute", "minutes"), counted(seconds % 60, "second", "seconds")]);
  return counted(seconds, "second", "seconds");
}

export const deletion = {
  says: "What you would lose, what stays, and how to go. Nothing happens before the last step.",
  fates,
  criteria,
  reasons,
  roles,
  length,
  left,
  inThePolicy: (clause: string) => `In the privacy policy: ${clause}`,
  keep: "Keep my account",
  see: "See how it stands",
  seeAccount: "See what is left",
  failure: "This can't be shown now",
  anothers: (whose: string) => `This is about another account than the one that is signed in: ${whose}.`,

  steps: {
    label: "How far it is",
    weigh: "Weigh",
    confirm: "Confirm",
    prove: "Prove it's you",
    wait: "Wait",
    delete: "Delete",
    clean: "This computer",
    done: "done",
    now: "now",
  },

  weigh: {
    title: "Before you delete your account",
    says: (wait: string) => `If you go on to the end, you still have ${wait} to change your mind. Then your account is deleted, and nobody can bring it back.`,
    saysAtOnce: "If you go on to the end, your account is deleted at once, and nobody can bring it back.",
    first: "To be done first",
    firstSays: "You are the only one who administers these. They need somebody else, or an end.",
    copy: "A copy of your data",
    noCopy: "You never had one",
    noCopySays: "Once the account is gone, no copy can be made.",
    hasCopy: "You have one",
    hasCopySays: "It was checked on this computer, and it stays with you.",
    hadCopy: "You asked for one before",
    hadCopySays: "Whether you still have it, only you know. A new one can't be made later.",
    getCopy: "Get a copy first",
    running: (count: number) => `${counted(count, "copy is", "copies are")} being made`,
    runningSays: "It ends with the account. Wait until it is on your computer.",
    seeCopies: "See how far it is",
    waiting: (count: number) => `${counted(count, "change isn't", "changes aren't")} with the service yet`,
    waitingSays: "What you switched here is never sent once the account is gone.",
    organizations: "Your Organizations",
    organizationsSays: "An Organization decides about its own data. It stays there until you ask for its deletion.",
    members: (count: string) => (count === "1" ? "You are the only one in it." : `${count} people are in it.`),
    contact: (contact: string) => `Ask ${contact}.`,
    transferTo: "Who takes over",
    transferOf: (name: string) => `Who takes over ${name}`,
    chooseMember: "Choose a member",
    transfer: "Hand it over",
    transferredTitle: (name: string, organization: string) => `Make ${name} the administrator of “${organization}”?`,
    transferSays: ["You stay in it as a member.", "They can't be asked here. Talk to them first."],
    transferAct: "Hand it over",
    transferred: (name: string, organization: string) => `${name} administers “${organization}”.`,
    disband: "Disband it",
    disbandOf: (name: string) => `Disband it: ${name}`,
    disbandTitle: (name: string) => `Disband “${name}” for everybody in it?`,
    disbandSays: (members: string) => `It ends for all ${members} people in it, with what it keeps.`,
    forGood: "This can't be undone.",
    disbandAct: "Disband it",
    disbanded: (name: string) => `“${name}” is disbanded.`,
    leave: "Leave it",
    leaveOf: (name: string) => `Leave it: ${name}`,
    leaveTitle: (name: string) => `Leave “${name}”?`,
    leaveSays: ["What it holds about you stays its own decision.", "To come back, somebody there has to invite you."],
    leaveAct: "Leave it",
    left: (name: string) => `You left “${name}”.`,
    letter: "Write to it",
    letterOf: (name: string) => `Write to it: ${name}`,
    apps: "Apps that know something about you",
    appsSays: "What an app has seen already stays with whoever makes it.",
    by: (vendor: string) => `By ${vendor}.`,
    sees: (shows: string[]) => `It sees: ${list.format(shows)}.`,
    revoke: "Take it back",
    revokeOf: (name: string) => `Take it back: ${name}`,
    revoked: (name: string) => `“${name}” isn't allowed to see anything any more.`,
    categories: "What becomes of your data",
    items: (count: string) => (count === "1" ? "1 thing" : `${count} things`),
    kept: "Kept besides",
    backups: "Copies in backups",
    next: "Go on to delete it",
    blocked: "First, the Organizations above need somebody else, or an end.",
    cancelled: "Your account stays",
    failed: "It wasn't done",
  },

  confirm: {
    title: "Confirm that you want to delete your account",
    says: "Nothing is asked of the service on this page.",
    offers: "What else shall go from this computer",
    offersSays: "Only after the service has proved that the account is gone.",
    cookies: "Cookies and storage of DingTalk's sites",
    cookiesSays: (profiles: number | null) =>
      profiles === null ? "In your browsers. No backup is kept." : `In ${counted(profiles, "browser profile", "browser profiles")}. No backup is kept.`,
    permissions: "What you decided about DingTalk's permissions",
    permissionsSays: "What the app asks for holds again.",
    folder: "What the DingTalk app keeps on this computer",
    folderSays: "Its folder, with everything in it. This can't be undone.",
    receipt: "Where to keep the receipt",
    receiptSays: "It proves, without this program, that your account was deleted. It stays when everything else goes.",
    noKeyring:
      "This computer has no keyring. Leave this program open until the end, or sign in again before it: otherwise the receipt can't be fetched.",
    reasons: "Why do you go? Only if you want to say so",
    reasonsSays: "Reasons are counted apart from your account. None is needed, and none is as good.",
    type: (word: string) => `To go on, type ${word}`,
    typeSays: "Capitals or not, any keyboard.",
    next: "Go on to the code",
    missing: (word: string) => `Type ${word} first. Nothing was done.`,
    back: "Back",
  },

  prove: {
    title: "One code, and it begins",
    says: (wait: string) => `Once you enter it, the account is marked for deletion. You then have ${wait} to keep it.`,
    saysAtOnce: "Once you enter it, the account is deleted at once.",
    act: "Delete my account",
    asking: "Your request is on its way",
  },

  wait: {
    title: "Your account will be deleted",
    keeping: "Keeping your account",
    on: "It will be deleted on",
    left: "Time left",
    unknown: "Not known until the service answers",
    says: "Until then everything works as before. Keep it with one press, here or on any device where you are signed in.",
    over: "The time is over. The service is being asked.",
    kept: "Your account stays. Nothing was deleted.",
    cancelling: "You keep your account. The service is being told.",
    elsewhere: "It was asked for on another device.",
    notYou: "If that wasn't you, keep your account, then sign out your other devices.",
  },

  finalise: {
    title: "Your account is being deleted",
    progress: "How far the service is",
    of: (done: number, of: number) => `${done} of ${of} steps`,
    says: "It can't be taken back any more. You can close this window; it goes on.",
  },

  receipt: {
    title: "Your account is deleted",
    unproven: "Not proved yet",
    unprovenTitle: "The service says that your account is deleted",
    unprovenSays: "Its receipt doesn't prove that, so nothing was removed here.",
    file: "Receipt",
    signed: "Signed by",
    key: (key: string) => `with the key ${key}`,
    at: "Everything was gone on",
    deleted: "Deleted",
    categories: (count: number) => counted(count, "kind of data", "kinds of data"),
    anonymized: "Made anonymous",
    kept: "Kept",
    nothing: "Nothing",
    systems: "Other systems",
    systemsSays: (done: number, of: number) => `${done} of ${of} confirmed`,
    checkTitle: "How to check it without this program",
    check: [
      "The receipt is a signed text (a JWS, with an Ed25519 key). Any program that knows JWS can check it, without a network.",
      "The key is at the service's address, under /.well-known/jwks.json. Save that file beside the receipt.",
    ],
    checkCommand: "privacy-settings account receipt verify receipt.jws --keys jwks.json",
    retry: "Fetch the receipt again",
    wipe: "Remove what this computer keeps",
    wipeAnyway: "Remove what this computer keeps, without proof",
    elsewhere: "Another device deleted it. What this computer knew of it is still here.",
  },

  waits: {
    "sign-in": "Sign in",
    "no-room": "I made room",
    "place-missing": "Try again",
    "own-folder-not-writable": "Try again",
  } as Record<string, string>,
  newPlace: "Another place for the receipt",
  usePlace: "Use this place",

  clean: {
    title: "This computer",
    list: "What is removed",
    states: { todo: "To do", stuck: "Stuck", done: "Removed", left: "Left as it is" } as Record<string, string>,
    retry: "Try again",
    remove: "Remove it",
    removeOf: (what: string) => `Remove it: ${what}`,
    leave: "Leave it",
    leaveOf: (what: string) => `Leave it: ${what}`,
    receipt: "The receipt stays at",
    done: "Done",
    doneTitle: "Everything is removed",
  },

  byMail: {
    title: "Your account at DingTalk",
    says: "This program never signs in to DingTalk. There, you delete your account in DingTalk's own app, or by letter.",
    list: "Step by step",
    steps: [
      { id: "copy", name: "Have a copy", says: "Once the account is gone, no copy can be made. Ask for one first." },
      { id: "organizations", name: "Organizations you administer", says: "Hand them over, or end them: Me – Settings – My Organization – More – Disband Organization." },
      { id: "delete", name: "Delete the account in the app", says: "Me – Settings – Security Center – Account settings – Delete DingTalk Account." },
      { id: "letter", name: "Or by letter", says: "If the app doesn't let you, DingTalk's privacy contact has to answer." },
      { id: "here", name: "Then clean up here", says: "Cookies and permissions on this computer are in Cookies and Device permissions." },
    ],
    ticked: (name: string) => `Done: ${name}`,
    askCopy: "Ask by letter",
    write: "Write the letter",
    signIn: "Sign in",
    signedOut: "You aren't signed in. Sign in to see what you would lose, and to go.",
  },
};
