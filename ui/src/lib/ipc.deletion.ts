/** What the window can ask of the program about the end of an account. Part of `ipc.ts`. */
import { silently, unwrap } from "./answer";
import {
  commands,
  type CodeSentView,
  type DeletionView,
  type DeletionWishView,
  type PreflightView,
  type WipeWord,
} from "./bindings";

export interface DeletionBackend {
  deletion(): Promise<DeletionView>;
  /** Asks the service now how it stands. */
  lookAtDeletion(): Promise<void>;
  deletionPreflight(): Promise<PreflightView>;
  /** Records that the word was typed. Nothing is asked of the service. */
  beginDeletion(wish: DeletionWishView, typed: string): Promise<void>;
  requestDeletionCode(): Promise<CodeSentView>;
  /** Asks the service. What it says is in the next `deletion()`. */
  giveDeletionCode(id: string, code: string): Promise<void>;
  cancelDeletion(id: string): Promise<void>;
  /** Goes on after the person did what was needed; with another place for the receipt, if they chose one. */
  resumeDeletion(id: string, elsewhere: string | null): Promise<void>;
  retryReceipt(id: string): Promise<void>;
  wipeHere(id: string): Promise<void>;
  forgetDeletion(id: string): Promise<void>;
  continueWipe(): Promise<void>;
  removeWipeStep(step: WipeWord): Promise<void>;
  leaveWipeStep(step: WipeWord): Promise<void>;
  dismissWipe(): Promise<void>;
  transferOrganization(id: string, member: string): Promise<void>;
  disbandOrganization(id: string): Promise<void>;
  leaveOrganization(id: string): Promise<void>;
  revokeAuthorization(id: string): Promise<void>;
}

export const tauriDeletion: DeletionBackend = {
  deletion: () => unwrap(commands.deletion()),
  lookAtDeletion: () => silently(commands.lookAtDeletion()),
  deletionPreflight: () => unwrap(commands.deletionPreflight()),
  beginDeletion: (wish, typed) => silently(commands.beginDeletion(wish, typed)),
  requestDeletionCode: () => unwrap(commands.requestDeletionCode()),
  giveDeletionCode: (id, code) => silently(commands.giveDeletionCode(id, code)),
  cancelDeletion: (id) => silently(commands.cancelDeletion(id)),
  resumeDeletion: (id, elsewhere) => silently(commands.resumeDeletion(id, elsewhere)),
  retryReceipt: (id) => silently(commands.retryReceipt(id)),
  wipeHere: (id) => silently(commands.wipeHere(id)),
  forgetDeletion: (id) => silently(commands.forgetDeletion(id)),
  continueWipe: () => silently(commands.continueWipe()),
  removeWipeStep: (step) => silently(commands.removeWipeStep(step)),
  leaveWipeStep: (step) => silently(commands.leaveWipeStep(step)),
  dismissWipe: () => silently(commands.dismissWipe()),
  transferOrganization: (id, member) => silently(commands.transferOrganization(id, member)),
  disbandOrganization: (id) => silently(commands.disbandOrganization(id)),
  leaveOrganization: (id) => silently(commands.leaveOrganization(id)),
  revokeAuthorization: (id) => silently(commands.revokeAuthorization(id)),
};
