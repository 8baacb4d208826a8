/** Names by which tests find controls. They stay when words and looks change. */
import type { Place } from "./router.svelte";
import type { PlaceView } from "./bindings";

export const testids = {
  nav: (place: Place) => `nav-${place}`,
  page: (place: Place) => `page-${place}`,
  back: "back",
  search: "search",
  searchResult: (target: string) => `search-result-${target}`,

  /** Has `data-install`. */
  install: "device-install",
  permission: (id: string) => `perm-${id}`,
  permissionToggle: (id: string) => `perm-${id}-details`,
  permissionPanel: (id: string) => `perm-${id}-panel`,
  /** `role=switch`; `data-pending` while the answer is awaited. */
  permissionSwitch: (id: string) => `perm-${id}-switch`,
  /** Has `data-state`: the observed `StateWord`. */
  permissionState: (id: string) => `perm-${id}-state`,
  permissionProblem: (id: string) => `perm-${id}-problem`,
  permissionReset: (id: string) => `perm-${id}-reset`,
  permissionSettings: (id: string) => `perm-${id}-settings`,

  consent: (id: string) => `consent-${id}`,
  consentSwitch: (id: string) => `consent-${id}-switch`,
  /** Has `data-sync`: the `SyncWord`. */
  consentSync: (id: string) => `consent-${id}-sync`,
  consentProblem: (id: string) => `consent-${id}-problem`,
  consentRetry: (id: string) => `consent-${id}-retry`,
  consentDiscard: (id: string) => `consent-${id}-discard`,
  stopMarketing: "marketing-stop-all",

  toast: "toast",
  toastUndo: "toast-undo",
  toastClose: "toast-close",
  confirm: "confirm",
  confirmAct: (wanted: "allow" | "deny" | "reset") => `confirm-${wanted}`,
  confirmCancel: "confirm-cancel",

  onboarding: "onboarding",
  onboardingPlace: (place: PlaceView) => `onboarding-${place}`,
  onboardingAddress: "onboarding-address",
  onboardingProblem: "onboarding-problem",
  onboardingContinue: "onboarding-continue",
  onboardingSkip: "onboarding-skip",

  identifier: "account-identifier",
  sendCode: "account-send-code",
  shownCode: "account-shown-code",
  useCode: "account-use-code",
  code: "account-code",
  signIn: "account-sign-in",
  signInProblem: "account-problem",
  signOut: "account-sign-out",
  changePlace: "account-change-place",
  accountStatus: "account-status",
  syncNow: "account-sync-now",
  reachNote: "reach-note",
  consentHistory: "account-history",
  consentHistoryShow: "account-history-show",
  consentHistoryLine: "account-history-line",

  overviewRow: (place: Place) => `overview-${place}`,
  historyEntry: (id: string) => `history-${id}`,
  historyUndo: (id: string) => `history-undo-${id}`,
  notice: (code: string) => `notice-${code}`,
  noticeCopy: (code: string) => `notice-${code}-copy`,
  noticeDismiss: (code: string) => `notice-${code}-dismiss`,
  theme: (theme: string) => `theme-${theme}`,
} as const;
