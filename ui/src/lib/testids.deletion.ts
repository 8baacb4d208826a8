/** Names by which tests find what belongs to the end of an account. Part of `testids.ts`. */
import type { ReasonWord, WipeWord } from "./bindings";

export const deletionTestids = {
  /** Has `data-screen`. */
  screen: "deletion",
  failure: "deletion-failure",
  step: (step: string) => `deletion-step-${step}`,
  keep: "deletion-keep",
  blocker: (organization: string) => `deletion-blocker-${organization}`,
  organization: (id: string) => `organization-${id}`,
  successor: (id: string) => `organization-${id}-successor`,
  transfer: (id: string) => `organization-${id}-transfer`,
  disband: (id: string) => `organization-${id}-disband`,
  leave: (id: string) => `organization-${id}-leave`,
  letter: (id: string) => `organization-${id}-letter`,
  confirmAct: "organization-confirm",
  app: (id: string) => `app-${id}`,
  revoke: (id: string) => `app-${id}-revoke`,
  copy: "deletion-copy",
  getCopy: "deletion-get-copy",
  fate: (id: string) => `fate-${id}`,
  next: "deletion-next",
  blocked: "deletion-blocked",
  ended: "deletion-ended",

  offer: (which: "cookies" | "permissions" | "folder") => `deletion-offer-${which}`,
  reason: (word: ReasonWord) => `deletion-reason-${word}`,
  receiptPlace: "deletion-receipt-place",
  word: "deletion-word",
  problem: "deletion-problem",
  confirm: "deletion-confirm",
  back: "deletion-back",

  sendCode: "deletion-send-code",
  shownCode: "deletion-shown-code",
  useCode: "deletion-use-code",
  code: "deletion-code",
  act: "deletion-act",

  left: "deletion-left",
  until: "deletion-until",
  progress: "deletion-progress",
  receipt: "deletion-receipt",
  retryReceipt: "deletion-retry-receipt",
  wipe: "deletion-wipe",
  waits: "deletion-waits",
  goOn: "deletion-go-on",

  wipeStep: (step: WipeWord) => `wipe-${step}`,
  wipeRetry: "wipe-retry",
  wipeLeave: (step: WipeWord) => `wipe-${step}-leave`,
  wipeDone: "wipe-done",

  byMail: "deletion-by-mail",
  byMailTick: (id: string) => `deletion-by-mail-tick-${id}`,
  byMailLetter: "deletion-by-mail-write",
  byMailCopy: "deletion-by-mail-copy",
} as const;
