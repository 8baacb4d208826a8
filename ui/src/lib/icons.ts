/** Which icon stands for what. One set, so that nothing is drawn twice. */
import Ban from "@lucide/svelte/icons/ban";
import Bell from "@lucide/svelte/icons/bell";
import BookUser from "@lucide/svelte/icons/book-user";
import Calendar from "@lucide/svelte/icons/calendar";
import Camera from "@lucide/svelte/icons/camera";
import ChartColumn from "@lucide/svelte/icons/chart-column";
import Check from "@lucide/svelte/icons/check";
import CircleAlert from "@lucide/svelte/icons/circle-alert";
import CirclePlay from "@lucide/svelte/icons/circle-play";
import CircleQuestionMark from "@lucide/svelte/icons/circle-question-mark";
import CircleStop from "@lucide/svelte/icons/circle-stop";
import CircleUserRound from "@lucide/svelte/icons/circle-user-round";
import Clock from "@lucide/svelte/icons/clock";
import Cookie from "@lucide/svelte/icons/cookie";
import Folder from "@lucide/svelte/icons/folder";
import Hand from "@lucide/svelte/icons/hand";
import History from "@lucide/svelte/icons/history";
import House from "@lucide/svelte/icons/house";
import Image from "@lucide/svelte/icons/image";
import Info from "@lucide/svelte/icons/info";
import Laptop from "@lucide/svelte/icons/laptop";
import Lock from "@lucide/svelte/icons/lock";
import MapPin from "@lucide/svelte/icons/map-pin";
import Mail from "@lucide/svelte/icons/mail";
import Megaphone from "@lucide/svelte/icons/megaphone";
import Mic from "@lucide/svelte/icons/mic";
import Minus from "@lucide/svelte/icons/minus";
import Package from "@lucide/svelte/icons/package";
import ScanFace from "@lucide/svelte/icons/scan-face";
import Share2 from "@lucide/svelte/icons/share-2";
import ShieldCheck from "@lucide/svelte/icons/shield-check";
import ShieldOff from "@lucide/svelte/icons/shield-off";
import SlidersHorizontal from "@lucide/svelte/icons/sliders-horizontal";
import UserRoundX from "@lucide/svelte/icons/user-round-x";
import Wifi from "@lucide/svelte/icons/wifi";

import type { CookiePurpose, Refused, BrowserRunning, SiteSetting, StateWord, SyncWord } from "./bindings";
import type { Place } from "./router.svelte";

type Icon = typeof Camera;

const permissions: Record<string, Icon> = {
  camera: Camera,
  microphone: Mic,
  face: ScanFace,
  location: MapPin,
  notifications: Bell,
  files: Folder,
  photos: Image,
  contacts: BookUser,
  calendar: Calendar,
  wifi: Wifi,
};

export function permissionIcon(id: string): Icon {
  return permissions[id] ?? SlidersHorizontal;
}

export const placeIcons: Record<Place, Icon> = {
  overview: House,
  permissions: Laptop,
  marketing: Megaphone,
  cookies: Cookie,
  sharing: Share2,
  export: Package,
  requests: Mail,
  account: CircleUserRound,
  deletion: UserRoundX,
  activity: History,
  about: Info,
};

export type Tone = "on" | "off" | "ask" | "quiet" | "warn" | "bad";

export interface Look {
  icon: Icon;
  tone: Tone;
}

export const stateLooks: Record<StateWord, Look> = {
  allowed: { icon: Check, tone: "on" },
  denied: { icon: Ban, tone: "off" },
  asks: { icon: Hand, tone: "ask" },
  "not-requested": { icon: Minus, tone: "quiet" },
  "not-enforced": { icon: ShieldOff, tone: "warn" },
  unknown: { icon: CircleQuestionMark, tone: "warn" },
};

export const syncLooks: Record<SyncWord, Look> = {
  synced: { icon: Check, tone: "quiet" },
  waiting: { icon: Clock, tone: "ask" },
  "needs-you": { icon: CircleAlert, tone: "bad" },
  "not-known": { icon: CircleQuestionMark, tone: "warn" },
};

export const runningLooks: Record<BrowserRunning, Look> = {
  yes: { icon: CirclePlay, tone: "ask" },
  no: { icon: CircleStop, tone: "quiet" },
  unknown: { icon: CircleQuestionMark, tone: "warn" },
};

export const refusedLooks: Record<Refused, Look> = {
  yes: stateLooks.denied,
  no: stateLooks.allowed,
  policy: { icon: Lock, tone: "quiet" },
  unknown: stateLooks.unknown,
};

export const purposeLooks: Record<CookiePurpose, Look> = {
  operation: { icon: ShieldCheck, tone: "quiet" },
  statistics: { icon: ChartColumn, tone: "warn" },
  unknown: { icon: CircleQuestionMark, tone: "quiet" },
};

/** A browser's setting in the one vocabulary of states. */
export const settingStates: Record<SiteSetting, StateWord> = { allow: "allowed", ask: "asks", deny: "denied" };
