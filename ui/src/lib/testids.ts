/** Names by which tests find controls. They stay when words and looks change. */
import type { Place } from "./router.svelte";
import type { NamedElsewhere, PlaceView, SiteSetting } from "./bindings";

export const testids = {
  nav: (place: Place) => `nav-${place}`,
  page: (place: Place) => `page-${place}`,
  /** While a place is read that the first view doesn't need. */
  reading: "page-reading",
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

  browsersLookAgain: "browsers-look-again",
  /** `role=status`; there only when a look takes long. */
  browsersLooking: "browsers-looking",
  browsersFailure: "browsers-failure",
  browsersNone: "browsers-none",
  browsersEmpty: "browsers-empty",
  browsersReports: "browsers-reports",
  browsersProblem: (code: string) => `browsers-problem-${code}`,
  browsersElsewhere: (browser: string) => `browsers-elsewhere-${browser}`,
  browsersOpenPage: (browser: string) => `browsers-open-${browser}`,
  clearAll: "clear-all",
  clearWaiting: "clear-waiting",
  clearWaitingCancel: "clear-waiting-cancel",
  /** Has `data-running`. */
  browserProfile: (id: string) => `browser-${id}`,
  browserProfileClear: (id: string) => `browser-${id}-clear`,
  browserProblem: (id: string, code: string) => `browser-${id}-problem-${code}`,
  /** Its details' button and panel end in `-details` and `-panel`. */
  site: (profile: string, domain: string) => `site-${profile}-${domain}`,
  siteClear: (profile: string, domain: string) => `site-${profile}-${domain}-clear`,
  /** `role=switch`: on when refused. */
  siteRefuse: (profile: string, domain: string) => `site-${profile}-${domain}-refuse`,
  /** Has `data-refused`. */
  siteRefused: (profile: string, domain: string) => `site-${profile}-${domain}-refused`,
  siteProblem: (profile: string, domain: string) => `site-${profile}-${domain}-problem`,
  stored: (profile: string, domain: string, kind: string) => `stored-${profile}-${domain}-${kind}`,
  storedToggle: (profile: string, domain: string, kind: string) => `stored-${profile}-${domain}-${kind}-details`,
  storedClear: (profile: string, domain: string, kind: string) => `stored-${profile}-${domain}-${kind}-clear`,
  storedMore: (profile: string, domain: string, kind: string) => `stored-${profile}-${domain}-${kind}-more`,
  storedItem: "stored-item",
  storedItemToggle: (id: string) => `stored-item-${id}-details`,
  storedItemClear: (id: string) => `stored-item-${id}-clear`,
  clearDialog: "clear-dialog",
  clearElsewhere: (place: NamedElsewhere) => `clear-elsewhere-${place}`,
  clearCancel: "clear-cancel",
  clearAct: "clear-act",
  clearProblem: "clear-problem",
  backup: (id: string) => `backup-${id}`,
  backupRestore: (id: string) => `backup-${id}-restore`,
  backupProblem: (id: string) => `backup-${id}-problem`,
  restoreAct: "backup-restore-confirm",
  statisticsOffer: "statistics-offer",
  statisticsClear: "statistics-clear",
  statisticsRefuse: "statistics-refuse",
  statisticsRefuseAct: "statistics-refuse-confirm",
  statisticsNotNow: "statistics-not-now",
  sitePermissions: "site-permissions",
  /** Has `data-setting`: what is observed, or `differs`. */
  sitePermission: (profile: string, domain: string, permission: string) => `site-${profile}-${domain}-${permission}`,
  sitePermissionSet: (profile: string, domain: string, permission: string, setting: SiteSetting) =>
    `site-${profile}-${domain}-${permission}-${setting}`,
  sitePermissionProblem: (profile: string, domain: string, permission: string) => `site-${profile}-${domain}-${permission}-problem`,

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
  noticeShow: (code: string) => `notice-${code}-show`,
  /** Leads to where it is about. */
  noticeSee: (code: string) => `notice-${code}-see`,
  noticeDismiss: (code: string) => `notice-${code}-dismiss`,
  theme: (theme: string) => `theme-${theme}`,
} as const;
