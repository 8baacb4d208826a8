/** Made-up views, for tests and for looking at the screens in a browser. Nothing here reaches the built window. */
import type {
  AppView,
  ChangeView,
  ConsentView,
  GroundView,
  PermissionView,
  StateWord,
  SyncWord,
} from "../lib/bindings";

/** The moment that fixtures are about. */
export const at = new Date(Date.now() - 2_000).toISOString();

export function before(minutes: number): string {
  return new Date(Date.parse(at) - minutes * 60_000).toISOString();
}

export function change(id: string, says: string, more: Partial<ChangeView> = {}): ChangeView {
  return { id, at: before(4), kind: "permission", name: "Location", says, stage: "done", canUndo: true, ...more };
}

function ground(name: string, state: StateWord, decidedBy: string, requested = true): GroundView {
  return { name, requested, state, decidedBy };
}

export function permission(id: string, name: string, state: StateWord, more: Partial<PermissionView> = {}): PermissionView {
  return {
    id,
    name,
    clause: "§1 System Permissions",
    usedFor: ["What it is for"],
    without: "That stops.",
    state,
    requested: { code: "manifest", entries: [] },
    decidedBy: "DingTalk's own request",
    control: { code: "direct", reason: null, follows: null },
    settingsLabel: null,
    grounds: [],
    history: [],
    ...more,
  };
}

const nothing = { code: "nothing", reason: "DingTalk doesn't ask for it here.", follows: null };

export function permissions(): PermissionView[] {
  return [
    permission("camera", "Camera", "allowed", {
      usedFor: ["Scanning a QR code to add a contact", "Your picture in calls and live streams", "Clocking in with your face"],
      without: "Those three stop. Calls go on with sound only.",
      requested: { code: "manifest", entries: ["devices=all", "filesystems=xdg-run/pipewire-0:ro"] },
      settingsLabel: "Open Camera settings",
      grounds: [
        ground("devices=all", "allowed", "DingTalk's own request"),
        ground("filesystems=xdg-run/pipewire-0", "allowed", "DingTalk's own request"),
        ground("devices/camera", "asks", "Your desktop asks you", false),
      ],
      history: [change("c9", "You allowed “Camera”. Undone since.", { name: "Camera", at: before(60), stage: "undone", canUndo: false })],
    }),
    permission("microphone", "Microphone", "allowed", {
      usedFor: ["Your voice in calls and conferences", "Recording voice messages"],
      without: "Others can't hear you in DingTalk, and you can't record voice messages.",
      requested: { code: "manifest", entries: ["sockets=pulseaudio"] },
      settingsLabel: "Open Microphone settings",
    }),
    permission("face", "Face recognition", "allowed", {
      usedFor: ["Clocking in with your face, where your Organization uses that"],
      without: "You clock in another way.",
      control: { code: "follows", reason: null, follows: "camera" },
    }),
    permission("location", "Location", "denied", {
      usedFor: ["Sending where you are in a message", "Clocking in by place, at the moment you press Clock In"],
      without: "Those two stop.",
      requested: { code: "when-needed", entries: [] },
      decidedBy: "You, in Flatpak's settings",
      settingsLabel: "Open Location settings",
      history: [change("c10", "You denied “Location”.")],
    }),
    permission("notifications", "Notifications", "asks", {
      usedFor: ["Showing alerts and system messages on your screen"],
      without: "No alerts appear. Messages still arrive inside DingTalk.",
      requested: { code: "when-needed", entries: [] },
      decidedBy: "Your desktop asks you",
    }),
    permission("files", "Files", "allowed", {
      usedFor: ["Sending files", "Saving files you receive"],
      without: "DingTalk no longer opens folders by itself. You can still hand it one file at a time, by choosing it.",
      requested: { code: "manifest", entries: ["filesystems=xdg-download"] },
    }),
    permission("photos", "Photos", "not-requested", {
      usedFor: ["Sending pictures", "Adding a contact from a picture of a QR code"],
      requested: { code: "no", entries: [] },
      control: nothing,
    }),
    permission("contacts", "Contacts", "not-requested", {
      usedFor: ["Finding people from your address book"],
      requested: { code: "no", entries: [] },
      control: nothing,
    }),
    permission("calendar", "Calendar", "unknown", {
      usedFor: ["Showing this computer's schedules inside DingTalk"],
      requested: { code: "unknown", entries: [] },
      control: { code: "blocked", reason: "The permission store doesn't answer.", follows: null },
    }),
    permission("wifi", "Wi-Fi information", "not-enforced", {
      usedFor: ["Clocking in by the office's Wi-Fi", "Judging the network in a call"],
      without: "Those two stop.",
      requested: { code: "manifest", entries: ["shared=network"] },
      control: {
        code: "not-enforced",
        reason: "Any app that may use the network can see which Wi-Fi it is on. Taking the network away would stop DingTalk altogether.",
        follows: null,
      },
      settingsLabel: "Open Wi-Fi settings",
    }),
  ];
}

export function consent(id: string, name: string, more: Partial<ConsentView> = {}): ConsentView {
  return {
    id,
    group: id.split(".")[0] ?? "",
    name,
    says: "What agreeing means.",
    clause: "§2",
    granted: false,
    required: false,
    topic: null,
    channel: null,
    sync: "synced",
    changedAt: before(90),
    problem: null,
    outboxId: null,
    ...more,
  };
}

const topics = [
  ["news", "News and offers", "News, offers and promotions about DingTalk."],
  ["partners", "Joint offers, rewards and events", "Offers made with other companies, rewards and invitations to events."],
  ["research", "Research invitations", "Invitations to take part in surveys and studies."],
] as const;

const channels = [
  ["email", "E-mail"],
  ["system", "System message"],
  ["banner", "Banner"],
] as const;

export function consents(): ConsentView[] {
  const on = new Set(["marketing.news.email", "marketing.news.banner", "marketing.research.email"]);
  const grid = topics.flatMap(([topic, topicName, says]) =>
    channels.map(([channel, channelName]) => {
      const id = `marketing.${topic}.${channel}`;
      return consent(id, `${topicName} by ${channelName.toLowerCase()}`, {
        says,
        clause: "III; §13",
        topic: topicName,
        channel: channelName,
        granted: on.has(id),
      });
    }),
  );
  return [
    consent("cookies.security", "Security and operation", {
      says: "Keeps you signed in, and your account safe.",
      clause: "§6",
      granted: true,
      required: true,
    }),
    consent("cookies.statistics", "Statistics and improvement", {
      says: "Measures how DingTalk is used, to improve it.",
      clause: "§6",
    }),
    ...grid,
    consent("marketing.insights", "Tailored offers", {
      says: "DingTalk studies how you use it, to choose what it offers you.",
      clause: "III",
    }),
    consent("marketing.insights-partners", "Insights for partners", {
      says: "What DingTalk learns about its users is given to partners for their marketing.",
      clause: "III",
    }),
    consent("sharing.processors-analytics", "Analytics providers", {
      says: "Companies that analyse use on DingTalk's behalf receive your data.",
      granted: true,
    }),
    consent("sharing.third-parties", "Other companies", {
      says: "DingTalk gives your data to companies outside its group, for their own purposes.",
    }),
    consent("sharing.sdks", "Built-in third-party components", {
      says: "Components by other makers inside DingTalk receive what their function needs.",
    }),
    consent("interoperability.dingding", "Reach people on DingDing", {
      says: "DingDing, the service in mainland China, receives what it needs to connect you with its users. Its own privacy policy applies there.",
    }),
  ];
}

/** The usual: the Flatpak, the sample account, a few changes. */
export function flatpak(): AppView {
  return {
    revision: 7,
    version: "0.1.0",
    firstStart: false,
    wiping: false,
    theme: "system",
    notices: [],
    device: {
      install: "flatpak",
      says: "DingTalk is installed for you as a Flatpak: it runs in a sandbox, and these switches hold.",
      app: "com.dingtalk.DingTalk 7.6.0",
      observedAt: at,
      permissions: permissions(),
    },
    account: {
      place: "sample",
      address: null,
      status: "signed-in",
      displayName: "Sam Sample",
      identifier: "sam@sample.example",
      sample: true,
      sessionOnly: false,
      syncedAt: before(1),
      offline: null,
    },
    consents: consents(),
    outbox: { waiting: 0, refused: 0, nextTryAt: null },
    history: [
      change("c10", "You denied “Location”."),
      change("c9", "You allowed “Camera”. Undone since.", { name: "Camera", at: before(60), stage: "undone", canUndo: false }),
      change("c8", "You switched “News and offers by system message” off.", { kind: "consent", at: before(90) }),
      change("c7", "You denied “Microphone”. It didn't work, and nothing was left behind.", { at: before(1500), stage: "failed", canUndo: false }),
    ],
  };
}

/** `view` with some of its consents in another state with the service. */
function synced(view: AppView, sync: SyncWord, ids: string[], more: Partial<ConsentView>): AppView {
  return {
    ...view,
    consents: view.consents.map((each) => (ids.includes(each.id) ? { ...each, sync, ...more } : each)),
  };
}

/** Every situation worth looking at, by name. */
export const situations: Record<string, () => AppView> = {
  flatpak,
  firstStart: () => ({ ...noAccount(), firstStart: true }),
  looking: () => ({
    ...flatpak(),
    device: { install: "looking", says: "Looking.", app: null, observedAt: null, permissions: [] },
  }),
  absent: () => ({
    ...flatpak(),
    device: { install: "absent", says: "DingTalk isn't installed on this computer.", app: null, observedAt: at, permissions: [] },
  }),
  package: () => ({
    ...flatpak(),
    device: {
      install: "package",
      says: "DingTalk is installed as a Debian package, outside a sandbox. It can use what you can use, and nothing here can stop it. Installed as a Flatpak it could be held.",
      app: "com.alibabainc.dingtalk 7.6.0",
      observedAt: at,
      permissions: permissions().map((each) => ({
        ...each,
        state: "not-enforced",
        control: { code: "not-enforced", reason: "DingTalk runs outside a sandbox here.", follows: null },
        grounds: [],
        history: [],
      })),
    },
  }),
  malformed: () => ({
    ...flatpak(),
    notices: [
      {
        code: "override-malformed",
        message: "The Flatpak override file for DingTalk can't be read: line 3 has no “=”. It is left as it is, and switches are off until it is mended.",
        file: "/home/ada/.local/share/flatpak/overrides/com.dingtalk.DingTalk",
        dismissible: false,
      },
      { code: "database-moved-aside", message: "This program's own database was damaged. It lies beside the new one, and protective defaults apply.", file: null, dismissible: true },
    ],
    device: {
      ...flatpak().device,
      permissions: permissions().map((each) => ({
        ...each,
        control: { code: "blocked", reason: "The override file can't be read.", follows: null },
      })),
    },
  }),
  offline: () => ({
    ...synced(flatpak(), "waiting", ["marketing.news.system", "cookies.statistics"], { granted: true }),
    account: { ...flatpak().account, sample: false, place: "service", address: "https://privacy.example.org", offline: "privacy.example.org can't be reached. The next try is in a minute." },
    outbox: { waiting: 2, refused: 0, nextTryAt: new Date(Date.parse(at) + 60_000).toISOString() },
  }),
  wedged: () => ({
    ...synced(flatpak(), "needs-you", ["marketing.research.banner", "sharing.sdks"], {
      granted: true,
      problem: "The service no longer offers this choice.",
      outboxId: "o1",
    }),
    outbox: { waiting: 0, refused: 2, nextTryAt: null },
  }),
  signedOut: () => ({
    ...synced(flatpak(), "not-known", consents().map(({ id }) => id), { changedAt: null }),
    account: { ...flatpak().account, place: "embedded", status: "signed-out", sample: false, displayName: null, identifier: null, syncedAt: null },
  }),
  sampleSignedOut: () => ({ ...flatpak(), account: { ...flatpak().account, status: "signed-out", sample: false, displayName: null, identifier: null } }),
  locked: () => ({ ...flatpak(), account: { ...flatpak().account, place: "embedded", sample: false, status: "locked", displayName: null } }),
  sessionOnly: () => ({ ...flatpak(), account: { ...flatpak().account, place: "embedded", sample: false, sessionOnly: true } }),
  noAccount,
  quiet: () => ({
    ...flatpak(),
    consents: consents().map((each) => ({ ...each, granted: each.required })),
    history: [],
  }),
};

function noAccount(): AppView {
  return {
    ...flatpak(),
    account: {
      place: "none",
      address: null,
      status: "none",
      displayName: null,
      identifier: null,
      sample: false,
      sessionOnly: false,
      syncedAt: null,
      offline: null,
    },
    consents: [],
    history: [],
  };
}
