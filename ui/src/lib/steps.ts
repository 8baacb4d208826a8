/** The steps of an export as a person counts them. */
import type { ExportStage } from "./bindings";

export const steps = ["asked", "preparing", "ready", "downloading", "checked"] as const;

export type Step = (typeof steps)[number];

const at: Record<ExportStage, number> = {
  asked: 0,
  preparing: 1,
  ready: 2,
  downloading: 3,
  checking: 4,
  checked: 5,
  // How far these had come isn't known any more; what they say is told in words.
  expired: -1,
  failed: -1,
  cancelled: -1,
};

/** The step it is at; beyond the last one when all is done, -1 when it ended on the way. */
export function reached(stage: ExportStage): number {
  return at[stage];
}
