/** A made-up end of an account, at every stage it can be at. */
import type { DeletionStandingView, DeletionView, OrganizationView, PreflightView, WipeStepView, WipeView } from "../lib/bindings";
import { Refusal } from "../lib/ipc";
import type { DeletionBackend } from "../lib/ipc.deletion";
import type { Rest } from "./browsing";

const later = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

export interface DeletionSituation {
  view: DeletionView;
  preflight: PreflightView;
}

const allotment: OrganizationView = {
  id: "o1",
  name: "Allotment 12",
  role: "administrator",
  ended: null,
  members: "3",
  blocks: true,
  successors: [
    { id: "m1", name: "Bo Andersen" },
    { id: "m2", name: "Chidi Okafor" },
  ],
  contact: null,
};

const organizations: OrganizationView[] = [
  allotment,
  { id: "o2", name: "Example Bakery", role: "member", ended: null, members: "41", blocks: false, successors: [], contact: "people@bakery.example" },
  {
    id: "o3",
    name: "Corner Café",
    role: "ended",
    ended:
      "Corner Café ended your membership on 31 August 2026. What Corner Café controlled is gone from your account. The account itself stays yours, and you can delete it here.",
    members: "0",
    blocks: false,
    successors: [],
    contact: null,
  },
];

function fate(id: string, name: string, says: string, more: Partial<PreflightView["categories"][number]> = {}): PreflightView["categories"][number] {
  return { id, name, items: "12", fate: "deleted", criterion: null, says, elsewhere: null, clause: "§5", ...more };
}

export function preflight(more: Partial<PreflightView> = {}): PreflightView {
  return {
    version: "1",
    blockers: [{ organization: "o1", says: "You are the only one who administers “Allotment 12”.", clause: "§5" }],
    organizations,
    authorizations: [
      { id: "a1", name: "Lunch Poll", vendor: "Poll & Co", shows: ["nickname", "picture"] },
      { id: "a2", name: "Shift Planner", vendor: "Planwell", shows: [] },
    ],
    runningExports: 0,
    lastExportAt: null,
    categories: [
      fate("account", "Account", "The address or number you sign in with is removed. It is free to sign up with again.", { items: "1" }),
      fate("messages", "Messages", "Your copies of chats are removed with their files. What you sent to others stays in their copies.", { items: "1,204" }),
      fate("docs", "Docs", "What you wrote is removed from your account.", { elsewhere: "What your Organization holds of it stays its own decision. Ask its administrator." }),
      fate("consents", "Consents", "That you agreed, and when, stays without your name.", { fate: "anonymized", criterion: "E", clause: "§12" }),
      fate("bills", "Bills", "What was bought stays for as long as the law asks.", { fate: "kept", criterion: "C", clause: "§12" }),
    ],
    kept: [{ id: "ledger", name: "That this account stays deleted", says: "A note without a name, so that no old backup brings it back.", criterion: "B", clause: "§12" }].map(
      ({ name, says, criterion, clause }) => ({ name, says, criterion, clause }),
    ),
    backups: "Copies in backups go later than what the service works with, when a backup is replaced by a newer one.",
    coolingOff: 2_592_000,
    here: { exportsUnderWay: 0, hasCopy: false, changesWaiting: 2, browserProfiles: 2, flatpak: true, flatpakFolder: true, noKeyring: false },
    ...more,
  };
}

export function standing(stage: DeletionStandingView["stage"], says: string, more: Partial<DeletionStandingView> = {}): DeletionStandingView {
  return {
    id: "d1",
    stage,
    says,
    whose: "ada@example.org",
    anothers: false,
    here: true,
    canCancel: ["confirmed", "asking", "cooling-off"].includes(stage),
    waits: null,
    code: null,
    until: null,
    left: null,
    progress: null,
    receipt: null,
    proved: null,
    canWipe: false,
    ...more,
  };
}

function view(more: Partial<DeletionView> = {}): DeletionView {
  return { word: "DELETE", receiptPlace: "/home/ada/Documents/dingtalk-account-deleted.jws", standing: null, wipe: null, ...more };
}

const free = () => preflight({ blockers: [], organizations: organizations.map((each) => ({ ...each, blocks: false })) });

const coolingOff = (more: Partial<DeletionStandingView> = {}) =>
  standing("cooling-off", "Your account will be deleted. Until then you can keep it, with everything in it.", {
    until: later(2_588_000),
    left: 2_588_000,
    ...more,
  });

const receipt = "/home/ada/Documents/dingtalk-account-deleted.jws";

const proved = {
  issuer: "privacy.example.org",
  key: "2026-11",
  deletedAt: later(-60),
  deleted: 14,
  anonymized: 1,
  kept: [{ name: "That this account stays deleted", says: "A note without a name.", criterion: "B", clause: "§12" }],
  systems: { done: 1, of: 2 },
};

function step(step: WipeStepView["step"], says: string, state: string, more: Partial<WipeStepView> = {}): WipeStepView {
  return { step, says, state, problem: null, offered: false, asks: false, ...more };
}

export function wipe(more: Partial<WipeView> = {}): WipeView {
  return {
    steps: [
      step("keyring", "Your sign-in, in this computer's keyring", "done"),
      step("database", "This program's notes: your choices, the history, what waited to be sent", "done"),
      step("cookies", "What DingTalk's sites keep in your browsers", "stuck", { offered: true, problem: "Firefox is open. Close it, then try again." }),
      step("flatpak-folder", "What the DingTalk app keeps on this computer", "todo", { offered: true }),
    ],
    receipt,
    clean: true,
    done: false,
    says: "What this program kept of your account is gone. Something you chose besides isn't done yet.",
    ...more,
  };
}

const at = (standing: DeletionStandingView | null, more: Partial<DeletionView> = {}): (() => DeletionSituation) => () => ({
  view: view({ standing, ...more }),
  preflight: free(),
});

/** Every situation worth looking at, by name. */
export const deletionSituations: Record<string, () => DeletionSituation> = {
  blocked: () => ({ view: view(), preflight: preflight() }),
  free: at(null),
  atOnce: () => ({ view: view(), preflight: { ...free(), coolingOff: 0, lastExportAt: later(-900_000), here: { ...free().here, changesWaiting: 0, noKeyring: true } } }),
  confirmed: at(standing("confirmed", "Enter the code that is sent to you. Nothing happens before.", { code: "first" })),
  wrongCode: at(standing("confirmed", "That code is wrong. You can try 4 more times.", { code: "wrong" })),
  asking: at(standing("asking", "Your request is on its way.")),
  coolingOff: at(coolingOff()),
  coolingOffElsewhere: at(coolingOff({ here: false, left: null })),
  lastMinute: at(coolingOff({ until: later(42), left: 42 })),
  cancelling: at(standing("cancelling", "You keep your account. The service is being told.")),
  signedOut: at(coolingOff({ waits: "sign-in", canWipe: true, says: "How your deletion stands isn't known here. Or sign in to see." })),
  receiptOutOfReach: at(standing("deleted", "How your deletion stands isn't known here. Or sign in to see.", { waits: "sign-in", canWipe: true })),
  ofAnother: at(coolingOff({ anothers: true, whose: "0198a2b4-0000-7000-8000-000000000001" })),
  finalising: at(standing("finalising", "The service is deleting your account.", { progress: { done: 3, of: 7 } })),
  deleted: at(standing("deleted", "Your account is deleted, and the receipt is saved. What this computer keeps goes next.", { receipt, proved })),
  noPlace: at(
    standing("deleted", "The receipt can't be saved in the folder you chose. Make it writable, or choose another one. Nothing is removed here before the receipt is saved.", {
      waits: "place-missing",
    }),
  ),
  elsewhere: at(standing("deleted", "Your account was deleted from another device, and the receipt is saved here.", { here: false, receipt, proved, canWipe: true })),
  unproven: at(standing("unproven", "This receipt isn't genuine. Nothing was removed here because of it. Ask whoever runs the service.", { canWipe: true })),
  wiping: at(null, { wipe: wipe() }),
  askedAbout: at(null, {
    wipe: wipe({
      clean: false,
      steps: [step("damaged-notes", "Older notes that were damaged and set aside", "stuck", { offered: true, asks: true, problem: "Another account's may be among them." })],
    }),
  }),
  wiped: at(null, { wipe: wipe({ done: true, says: "Nothing of your account is left on this computer.", steps: wipe().steps.map((each) => ({ ...each, state: "done", problem: null })) }) }),
  cancelled: at(standing("cancelled", "Your account stays. Nothing was deleted.")),
  failed: at(standing("failed", "Something changed since you looked: an Organization was added. Look again, then decide.")),
};

export interface MadeUpDeletion {
  commands: DeletionBackend;
  /** Makes a newer view and says so. */
  set(next: (now: DeletionView) => DeletionView): void;
}

export function madeUpDeletion(first: DeletionSituation, { answer, news }: Pick<Rest, "answer" | "news">): MadeUpDeletion {
  let { view, preflight } = first;

  function set(next: (now: DeletionView) => DeletionView): void {
    view = next(view);
    news();
  }

  const stand = (standing: DeletionStandingView | null) => set((now) => ({ ...now, standing }));

  function without(organization: string): void {
    const blockers = preflight.blockers.filter((each) => each.organization !== organization);
    preflight = { ...preflight, version: `${preflight.version}1`, blockers };
  }

  const commands: DeletionBackend = {
    deletion: () => answer("deletion", () => view),
    lookAtDeletion: () => answer("lookAtDeletion", () => undefined),
    deletionPreflight: () => answer("deletionPreflight", () => preflight),
    beginDeletion: (_, typed) =>
      answer("beginDeletion", () => {
        if (typed.trim().toUpperCase() !== view.word) {
          throw new Refusal({ code: "not-confirmed", message: "Type DELETE to go on. Nothing was done.", retryable: false });
        }
        stand(standing("confirmed", "Enter the code that is sent to you. Nothing happens before.", { code: "first" }));
      }),
    requestDeletionCode: () => answer("requestDeletionCode", () => ({ expiresAt: later(600), nextAllowedAt: later(60), shownCode: "482913" })),
    giveDeletionCode: (_, code) =>
      answer("giveDeletionCode", () =>
        stand(code === "482913" ? coolingOff() : standing("confirmed", "That code is wrong. You can try 4 more times.", { code: "wrong" })),
      ),
    cancelDeletion: () => answer("cancelDeletion", () => stand(standing("cancelled", "Your account stays. Nothing was deleted."))),
    resumeDeletion: () => answer("resumeDeletion", () => stand(view.standing && { ...view.standing, waits: null })),
    retryReceipt: () => answer("retryReceipt", () => undefined),
    wipeHere: () => answer("wipeHere", () => set((now) => ({ ...now, standing: null, wipe: wipe() }))),
    forgetDeletion: () => answer("forgetDeletion", () => stand(null)),
    continueWipe: () =>
      answer("continueWipe", () => set((now) => ({ ...now, wipe: wipe({ done: true, steps: wipe().steps.map((each) => ({ ...each, state: "done", problem: null })) }) }))),
    removeWipeStep: (step) =>
      answer("removeWipeStep", () =>
        set((now) => ({
          ...now,
          wipe: now.wipe && { ...now.wipe, steps: now.wipe.steps.map((each) => (each.step === step ? { ...each, state: "done", problem: null } : each)) },
        })),
      ),
    leaveWipeStep: (step) =>
      answer("leaveWipeStep", () =>
        set((now) => ({
          ...now,
          wipe: now.wipe && { ...now.wipe, steps: now.wipe.steps.map((each) => (each.step === step ? { ...each, state: "left", problem: null } : each)) },
        })),
      ),
    dismissWipe: () => answer("dismissWipe", () => set((now) => ({ ...now, wipe: null }))),
    transferOrganization: (id) =>
      answer("transferOrganization", () => {
        without(id);
        preflight = {
          ...preflight,
          organizations: preflight.organizations.map((each) => (each.id === id ? { ...each, blocks: false, role: "member", successors: [] } : each)),
        };
      }),
    disbandOrganization: (id) =>
      answer("disbandOrganization", () => {
        without(id);
        preflight = { ...preflight, organizations: preflight.organizations.filter((each) => each.id !== id) };
      }),
    leaveOrganization: (id) =>
      answer("leaveOrganization", () => {
        preflight = { ...preflight, organizations: preflight.organizations.filter((each) => each.id !== id) };
      }),
    revokeAuthorization: (id) =>
      answer("revokeAuthorization", () => {
        preflight = { ...preflight, authorizations: preflight.authorizations.filter((each) => each.id !== id) };
      }),
  };
  return { commands, set };
}
