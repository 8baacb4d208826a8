/** Which icon stands for what, in exports and archives. Part of `icons.ts`. */
import Ban from "@lucide/svelte/icons/ban";
import CircleAlert from "@lucide/svelte/icons/circle-alert";
import CircleCheck from "@lucide/svelte/icons/circle-check";
import Clock from "@lucide/svelte/icons/clock";
import Download from "@lucide/svelte/icons/download";
import PackageOpen from "@lucide/svelte/icons/package-open";
import ShieldCheck from "@lucide/svelte/icons/shield-check";
import TimerOff from "@lucide/svelte/icons/timer-off";

import type { ExportStage } from "./bindings";
import type { Tone } from "./icons";

export const stageLooks: Record<ExportStage, { icon: typeof Ban; tone: Tone }> = {
  asked: { icon: Clock, tone: "ask" },
  preparing: { icon: Clock, tone: "ask" },
  ready: { icon: PackageOpen, tone: "on" },
  downloading: { icon: Download, tone: "ask" },
  checking: { icon: ShieldCheck, tone: "ask" },
  checked: { icon: CircleCheck, tone: "on" },
  expired: { icon: TimerOff, tone: "quiet" },
  failed: { icon: CircleAlert, tone: "bad" },
  cancelled: { icon: Ban, tone: "quiet" },
};
