/** What the window can ask of the program about letters. Part of `ipc.ts`. */
import {
  commands,
  type AskedView,
  type DenialWord,
  type EventWord,
  type LawView,
  type WrittenView,
  type PersonView,
  type RequestView,
  type RequestsView,
} from "./bindings";
import { silently, unwrap } from "./answer";

/** What happened to a request. Days are dates; today without one. */
export interface Happened {
  event: EventWord;
  on: string | null;
  /** With `extended`. */
  until: string | null;
  /** With `denied`. */
  reason: DenialWord | null;
}

export interface RequestsBackend {
  laws(): Promise<LawView[]>;
  requests(): Promise<RequestsView>;
  beginRequest(asked: AskedView, person: PersonView): Promise<WrittenView>;
  writeLetter(id: string, person: PersonView): Promise<WrittenView>;
  openLetter(id: string, person: PersonView): Promise<void>;
  /** Says where. */
  saveLetter(id: string, person: PersonView): Promise<string>;
  /** Says where. */
  saveReminder(id: string): Promise<string>;
  recordRequest(id: string, happened: Happened): Promise<RequestView>;
  forgetRequest(id: string): Promise<void>;
}

export const tauriRequests: RequestsBackend = {
  laws: () => unwrap(commands.laws()),
  requests: () => unwrap(commands.requests()),
  beginRequest: (asked, person) => unwrap(commands.beginRequest(asked, person)),
  writeLetter: (id, person) => unwrap(commands.writeLetter(id, person)),
  openLetter: (id, person) => silently(commands.openLetter(id, person)),
  saveLetter: (id, person) => unwrap(commands.saveLetter(id, person)),
  saveReminder: (id) => unwrap(commands.saveReminder(id)),
  recordRequest: (id, { event, on, until, reason }) => unwrap(commands.recordRequest(id, event, on, until, reason)),
  forgetRequest: (id) => silently(commands.forgetRequest(id)),
};
