/** Which icon stands for what in letters. Part of `icons.ts`. */
import Ban from "@lucide/svelte/icons/ban";
import Check from "@lucide/svelte/icons/check";
import CircleAlert from "@lucide/svelte/icons/circle-alert";
import Clock from "@lucide/svelte/icons/clock";
import Hourglass from "@lucide/svelte/icons/hourglass";
import PenLine from "@lucide/svelte/icons/pen-line";
import Undo2 from "@lucide/svelte/icons/undo-2";

import type { RequestStatus } from "./bindings";
import type { Look } from "./icons";

export const requestLooks: Record<RequestStatus, Look> = {
  draft: { icon: PenLine, tone: "ask" },
  open: { icon: Clock, tone: "quiet" },
  "in-progress": { icon: Hourglass, tone: "quiet" },
  fulfilled: { icon: Check, tone: "on" },
  denied: { icon: Ban, tone: "warn" },
  revoked: { icon: Undo2, tone: "quiet" },
};

export const lateLook: Look = { icon: CircleAlert, tone: "bad" };
