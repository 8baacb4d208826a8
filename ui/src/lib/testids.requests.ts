/** Names by which tests find what belongs to letters. Part of `testids.ts`. */
import type { AddresseeWord } from "./bindings";

export const requestTestids = {
  write: "request-write",
  failure: "requests-failure",
  /** Has `data-status`; its details' button and panel end in `-details` and `-panel`. */
  request: (id: string) => `request-${id}`,
  status: (id: string) => `request-${id}-status`,
  next: (id: string) => `request-${id}-next`,
  help: (id: string) => `request-${id}-help`,
  what: (id: string) => `request-${id}-what`,
  when: (id: string) => `request-${id}-when`,
  until: (id: string) => `request-${id}-until`,
  why: (id: string) => `request-${id}-why`,
  note: (id: string) => `request-${id}-note`,
  noteProblem: (id: string) => `request-${id}-problem`,
  again: (id: string) => `request-${id}-letter`,
  remind: (id: string) => `request-${id}-remind`,
  forget: (id: string) => `request-${id}-forget`,
  forgetAct: "request-forget-confirm",

  form: "letter-form",
  place: "letter-place",
  right: (id: string) => `letter-right-${id}`,
  to: (word: AddresseeWord) => `letter-to-${word}`,
  field: (name: string) => `letter-${name}`,
  problem: "letter-problem",
  make: "letter-make",
  notNow: "letter-not-now",

  letter: "letter",
  letterTo: "letter-address",
  subject: "letter-subject",
  body: "letter-body",
  open: "letter-open",
  save: "letter-save",
  copy: "letter-copy",
  sent: "letter-sent",
  later: "letter-later",
} as const;
