/** What the window says about letters and what became of them. Part of `en.ts`. */
import type { AddresseeWord, DenialWord, EventWord, NextStep, RequestStatus } from "../bindings";

const status = {
  draft: "Not sent",
  open: "Sent",
  "in-progress": "They work on it",
  fulfilled: "Done",
  denied: "Refused",
  revoked: "Taken back",
} satisfies Record<RequestStatus, string>;

const addressee = {
  dingtalk: "DingTalk",
  organization: "Your Organization",
  "through-dingtalk": "Your Organization, through DingTalk",
} satisfies Record<AddresseeWord, string>;

const addresseeSays = {
  dingtalk: "It decides about your account, your profile, and what you send to others.",
  organization: "It decides about its own data: its documents, groups, attendance, approvals.",
  "through-dingtalk": "You don't know whom to write to there. DingTalk keeps the data for it, and is asked to pass the letter on.",
} satisfies Record<AddresseeWord, string>;

/** What happened, as a choice. */
const happened = {
  sent: "I sent the letter",
  confirmed: "They confirmed that they received it",
  "identity-asked": "They ask who I am",
  "identity-given": "I showed who I am",
  extended: "They need longer",
  fulfilled: "They did what I asked for",
  denied: "They refused",
  revoked: "I took it back",
  corrected: "What I noted last was a mistake",
} satisfies Record<EventWord, string>;

/** What happened, in the list. */
const event = {
  sent: "You sent the letter.",
  confirmed: "They confirmed that they received it.",
  "identity-asked": "They asked who you are.",
  "identity-given": "You showed who you are.",
  extended: "They said that they need longer.",
  fulfilled: "They did what you asked for.",
  denied: "They refused.",
  revoked: "You took it back.",
  corrected: "You took the last note back.",
} satisfies Record<EventWord, string>;

const denial = {
  other: "Something else, or no reason",
  "no-match": "They found nothing about me",
  "insuf-verification": "They couldn't make sure that it is me",
  "suspected-fraud": "They think it isn't me",
  "claim-not-covered": "They say the law doesn't cover it",
  "outside-jurisdiction": "They say the law isn't for me",
  "too-many-requests": "They say I asked too often",
} satisfies Record<DenialWord, string>;

export const requests = {
  says: "Ask DingTalk, or your Organization, for what the privacy policy gives you. You send the letter yourself; this program counts the days.",
  status,
  addressee,
  addresseeSays,
  happened,
  event,
  denial,

  list: "Your letters",
  write: "Write a letter",
  emptyTitle: "No letter yet",
  emptySays: "A copy of your data, a correction, the end of your account: choose what you want, and the letter is written for you.",
  failure: "Your letters can't be shown",
  about: (to: string, reference: string) => `To ${to} · ${reference}`,
  late: "Late",
  due: "Due by",
  dueSays: (day: string, clause: string) => `${day}. In the privacy policy: ${clause}`,
  identity: "Needs you",

  /** What comes next. `by` is a day in words; without one, the policy gives none. */
  next: {
    send: () => "Send the letter, then say so here. The days count from then.",
    "await-confirmation": (by, overdue) =>
      by === null
        ? "They should confirm that they received it."
        : overdue
          ? `They should have confirmed by ${by} that they received it. Write to them again, with the same reference.`
          : `They should confirm by ${by} that they received it. Public holidays can make it later.`,
    "await-answer": (by, overdue) =>
      by === null
        ? "They should answer. The policy gives them no certain day."
        : overdue
          ? `An answer was due by ${by}. Look through your mail for the reference. If there is none, others can help.`
          : `They should answer by ${by}.`,
    "show-identity": () => "They want to make sure that it is you. Give as little as that takes: never a password, never a code.",
    complain: () => "They refused. If the reason doesn't convince you, others can help.",
    nothing: () => "Nothing more is to be done.",
  } as Record<NextStep, (by: string | null, overdue: boolean) => string>,
  inThePolicy: (clause: string) => `In the privacy policy: ${clause}`,

  law: "Under which law",
  to: "To",
  reference: "Reference",
  referenceSays: "It stands in the letter's subject. Search your mail for it.",
  history: "What happened",
  on: (day: string, says: string) => `${day}: ${says}`,
  help: "Who can help",

  note: "Something happened?",
  noteWhat: "What happened",
  noteWhen: "On which day",
  noteUntil: "By when they will answer, if they said so",
  noteWhy: "Why, as far as they said",
  noteAct: "Note it",
  noted: "It is noted.",
  iSentIt: "I have sent it",
  sentSays: "It is noted as sent today.",
  letterAgain: "Show the letter again",
  remind: "Save a reminder for your calendar",
  saved: (path: string) => `Saved: ${path}`,
  forget: "Remove from this list",
  forgetTitle: "Remove this request from the list?",
  forgetSays: ["Its days aren't counted any more.", "A letter that was sent is sent: the answer may still come."],
  forgetAct: "Remove",
  forgotten: "It is off the list.",

  form: {
    title: "Write a letter",
    again: "The letter again",
    againSays: "Who you are isn't kept in this program, so it has to be filled in again.",
    place: "Where do you live?",
    placeSays: "Your law decides what you can ask for, and how long an answer may take.",
    choosePlace: "Choose one",
    placeMissing: "Choose where you live. If it isn't listed, take “Anywhere else”.",
    what: "What do you want?",
    whatMissing: "Choose what you want.",
    to: "Who decides about the data?",
    you: "What stands in the letter",
    youSays: "It is in the letter, and kept nowhere here. Never put in a password or a code.",
    name: "Your name",
    account: "What you sign in to DingTalk with",
    accountHint: "An e-mail address or a mobile number, so that they can find you.",
    organization: "The Organization's name",
    organizationAddress: "The e-mail address of its administrator",
    act: "Write the letter",
    notNow: "Not now",
  },

  letter: {
    title: "Your letter",
    to: "To",
    why: "Why there",
    subject: "Subject",
    text: "Text of the letter",
    says: "Nothing is sent yet. You send it from your own mail, so that the answer comes to you.",
    open: "Open in my mail program",
    opened: "Your mail program has the letter. Send it there, then say so here.",
    save: "Save as a draft file",
    copy: "Copy the text",
    copied: "The text is copied.",
    notCopied: "The text is marked. Press Ctrl and C to copy it.",
    later: "Later",
  },
};
