/** Made-up letters, and a made-up program that writes them. */
import type { LawView, WrittenView, PersonView, RequestView, RequestsView, RightView } from "../lib/bindings";
import { Refusal } from "../lib/ipc";
import type { RequestsBackend } from "../lib/ipc.requests";
import type { Rest } from "./browsing";

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

function right(id: string, name: string, more: Partial<RightView> = {}): RightView {
  return { id, name, says: "What it brings.", clauses: "§10", note: null, details: null, detailsRequired: false, organization: true, ...more };
}

const rights: RightView[] = [
  right("access", "See what is held about me", { says: "What personal data there is about you, where it comes from, and who was given it." }),
  right("copy", "A copy of my data", { says: "The data itself, as files that other programs can open." }),
  right("correction", "Correct something", {
    says: "Something about you is wrong, out of date or incomplete.",
    details: "What is wrong, and what would be right?",
    detailsRequired: true,
  }),
  right("deletion", "Delete some of my data", { says: "Your account stays.", details: "Which data? Leave it empty for all that can go." }),
  right("end-account", "Delete my account", {
    says: "DingTalk stops for you, and your data is deleted or made anonymous.",
    details: "Anything they should know? It can stay empty.",
    organization: false,
  }),
];

export const laws: LawView[] = [
  { id: "general", name: "Anywhere else", law: "The policy itself", rights },
  { id: "eea", name: "European Economic Area", law: "GDPR", rights },
  {
    id: "california",
    name: "California",
    law: "CCPA",
    rights: [
      ...rights.map((each) => (each.id === "access" ? { ...each, note: "You can ask this twice within 12 months; the answer covers the last 12." } : each)),
      right("no-sale", "Don't sell my data", { organization: false }),
    ],
  },
];

export function request(id: string, more: Partial<RequestView> = {}): RequestView {
  return {
    id,
    reference: `4F2A91C${id}`,
    right: "access",
    name: "See what is held about me",
    regime: "eea",
    law: "GDPR (European Economic Area)",
    addressee: "dingtalk",
    status: "draft",
    begunAt: new Date().toISOString(),
    sent: null,
    next: "send",
    by: null,
    overdue: false,
    clause: null,
    reason: null,
    can: ["sent"],
    history: [],
    help: [],
    ...more,
  };
}

const help = [
  {
    name: "The dispute resolution provider DingTalk names",
    says: "It is in the U.S., and free of charge. Write to DingTalk first.",
    reach: ["https://feedback-form.truste.example/request"],
    clause: "§14",
  },
  { name: "Your data protection authority", says: "A complaint that isn't resolved can go to the authority where you live.", reach: [], clause: "§7" },
];

const answers = ["confirmed", "identity-asked", "extended", "fulfilled", "denied", "revoked", "corrected"] as const;

/** Every situation worth looking at, by name. */
export const requestSituations: Record<string, () => RequestsView> = {
  none: () => ({ today: day(0), requests: [] }),
  several: () => ({
    today: day(0),
    requests: [
      request("1"),
      request("2", {
        name: "A copy of my data",
        status: "open",
        sent: day(-3),
        next: "await-answer",
        by: day(27),
        clause: "§10",
        can: [...answers],
        history: [{ on: day(-3), event: "sent" }],
      }),
      request("3", {
        name: "Delete some of my data",
        addressee: "organization",
        status: "open",
        sent: day(-60),
        next: "await-answer",
        can: [...answers],
        history: [{ on: day(-60), event: "sent" }],
      }),
      request("4", {
        status: "open",
        regime: "california",
        law: "CCPA (California)",
        sent: day(-50),
        next: "await-answer",
        by: day(-5),
        overdue: true,
        clause: "II.5",
        can: [...answers],
        history: [{ on: day(-50), event: "sent" }],
        help,
      }),
      request("5", {
        status: "in-progress",
        sent: day(-9),
        next: "show-identity",
        by: day(21),
        clause: "§10",
        can: ["identity-given", "extended", "fulfilled", "denied", "revoked", "corrected"],
        history: [
          { on: day(-9), event: "sent" },
          { on: day(-2), event: "identity-asked" },
        ],
      }),
      request("6", { status: "denied", sent: day(-40), next: "complain", reason: "no-match", can: ["fulfilled", "corrected"], help }),
      request("7", { status: "fulfilled", sent: day(-40), next: "nothing", can: ["corrected"] }),
    ],
  }),
};

function letter(request: RequestView, person: PersonView): WrittenView {
  if (person.name.trim() === "") {
    throw new Refusal({ code: "letter-name-missing", message: "Write your name, so that they know who asks.", retryable: false });
  }
  return {
    request,
    to: "dt_privacy@service.dingtalk.example",
    toName: "DingTalk's Data Protection Officer",
    why: "DingTalk decides about this data, and under this law its Data Protection Officer answers at this address.",
    whyClause: "I.3",
    subject: `${request.name} (reference ${request.reference})`,
    body: `To DingTalk's Data Protection Officer,\n\nI have a DingTalk account. …\n\nHow to find me:\n- Name: ${person.name}\n- I sign in to DingTalk with: ${person.account}\n\n${person.details}\n`,
  };
}

export function madeUpRequests(first: RequestsView, { answer, news }: Pick<Rest, "answer" | "news">): RequestsBackend {
  let view = first;
  let serial = 7;

  const find = (id: string) => {
    const found = view.requests.find((each) => each.id === id);
    if (found === undefined) throw new Refusal({ code: "no-such-request", message: "That request isn't there any more. Look again.", retryable: false });
    return found;
  };

  function set(next: RequestView): RequestView {
    view = { ...view, requests: view.requests.map((each) => (each.id === next.id ? next : each)) };
    news();
    return next;
  }

  return {
    laws: () => answer("laws", () => laws),
    requests: () => answer("requests", () => view),
    beginRequest: (asked, person) =>
      answer("beginRequest", () => {
        const name = laws.flatMap((law) => law.rights).find(({ id }) => id === asked.right)?.name ?? asked.right;
        const begun = request(String(++serial), { ...asked, name });
        const written = letter(begun, person);
        view = { ...view, requests: [begun, ...view.requests] };
        news();
        return written;
      }),
    writeLetter: (id, person) => answer("writeLetter", () => letter(find(id), person)),
    openLetter: () => answer("openLetter", () => undefined),
    saveLetter: (id) => answer("saveLetter", () => `/home/ada/Downloads/dingtalk-request-${find(id).reference}.eml`),
    saveReminder: (id) => answer("saveReminder", () => `/home/ada/Downloads/dingtalk-request-${find(id).reference}.ics`),
    recordRequest: (id, { event, on }) =>
      answer("recordRequest", () => {
        const before = find(id);
        if (event === "corrected") return set({ ...before, ...request(id) });
        return set({
          ...before,
          status: event === "sent" ? "open" : event === "fulfilled" ? "fulfilled" : event === "denied" ? "denied" : "in-progress",
          next: event === "fulfilled" ? "nothing" : event === "denied" ? "complain" : "await-answer",
          overdue: false,
          sent: before.sent ?? on ?? view.today,
          by: event === "sent" ? day(30) : before.by,
          clause: "§10",
          can: event === "fulfilled" ? ["corrected"] : [...answers],
          history: [...before.history, { on: on ?? view.today, event }],
          help: event === "denied" ? help : [],
        });
      }),
    forgetRequest: (id) =>
      answer("forgetRequest", () => {
        view = { ...view, requests: view.requests.filter((each) => each.id !== find(id).id) };
        news();
      }),
  };
}
