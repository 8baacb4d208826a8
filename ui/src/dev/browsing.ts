/** The browsers' part of the made-up program: it clears, refuses and restores in its own view, and nowhere else. */
import type { BrowsersView, ClearChoice, DoneView, NamedElsewhere, StoredItemView, StoredKindView } from "../lib/bindings";
import type { Backend } from "../lib/ipc";
import { alsoNamed } from "../lib/stored";
import { before } from "./fixtures";

type Browsing = Pick<
  Backend,
  | "browsers"
  | "lookAtBrowsers"
  | "previewClear"
  | "clearBrowsers"
  | "cancelWaiting"
  | "restoreBackup"
  | "refuseSite"
  | "setSitePermission"
  | "openBrowserPage"
>;

export interface MadeUpBrowsers {
  commands: Browsing;
  set(next: (view: BrowsersView) => BrowsersView): void;
}

/** What the rest of the made-up program gives: an answer under a name, news, and a line in the history. */
export interface Rest {
  answer<T>(name: string, value: () => T): Promise<T>;
  news(): void;
  done(says: string, name: string): DoneView;
}

const saysOfStaying: Record<NamedElsewhere, string> = {
  history: "Your history goes on naming these sites, with the downloads, icons and suggestions in it.",
  "session-restore": "Tabs of these sites that the browser opens again stay, with what they keep. You may still be signed in there.",
  "http-cache": "Copies of pages in the browser's cache stay.",
};

function sum(sizes: (string | null)[]): string | null {
  const known = sizes.filter((size) => size !== null);
  return known.length === 0 ? null : String(known.reduce((total, size) => total + Number(size), 0));
}

export function madeUpBrowsers(first: BrowsersView, { answer, news, done }: Rest): MadeUpBrowsers {
  let view = first;
  let serial = 0;
  const taken = new Map<string, BrowsersView>();

  const set = (next: (view: BrowsersView) => BrowsersView) => {
    view = next(view);
    news();
  };

  function chosen({ kind, item, purpose }: ClearChoice, stored: StoredKindView): (each: StoredItemView) => boolean {
    if (kind !== null && stored.kind !== kind) return () => false;
    return (each) => (item === null || each.id === item) && (purpose === null || each.purpose === purpose);
  }

  function cut(choice: ClearChoice, stored: StoredKindView): StoredKindView {
    const goes = chosen(choice, stored);
    const items = stored.items.filter((each) => !goes(each));
    return { ...stored, items, count: items.length, bytes: sum(items.map(({ bytes }) => bytes)) };
  }

  function goes(choice: ClearChoice, named: StoredKindView): boolean {
    return alsoNamed([{ elsewhere: [named] }]).some((place) => choice.elsewhere.includes(place));
  }

  function touched(choice: ClearChoice) {
    return view.profiles.filter(({ id }) => choice.profile === null || id === choice.profile);
  }

  function clear(choice: ClearChoice): void {
    const ids = touched(choice).map(({ id }) => id);
    set((now) => ({
      ...now,
      waiting: [],
      profiles: now.profiles.map((profile) =>
        ids.includes(profile.id)
          ? {
              ...profile,
              elsewhere: profile.elsewhere.filter((each) => !goes(choice, each)),
              sites: profile.sites.map((site) =>
                choice.site === null || site.domain === choice.site
                  ? { ...site, kinds: site.kinds.map((each) => cut(choice, each)).filter(({ count }) => count > 0) }
                  : site,
              ),
            }
          : profile,
      ),
    }));
  }

  const commands: Browsing = {
    browsers: () => answer("browsers", () => view),
    lookAtBrowsers: () => answer("lookAtBrowsers", () => undefined),
    previewClear: (choice) =>
      answer("previewClear", () => {
        const kinds = touched(choice)
          .flatMap(({ sites }) => sites)
          .filter(({ domain }) => choice.site === null || domain === choice.site)
          .flatMap((site) => site.kinds);
        const items = kinds.flatMap((each) => each.items.filter(chosen(choice, each)));
        const named = touched(choice).flatMap((profile) => profile.elsewhere.filter((each) => !goes(choice, each)));
        const stays = alsoNamed([{ elsewhere: named }]).map((place) => saysOfStaying[place]);
        return {
          count: items.length,
          bytes: sum(items.map(({ bytes }) => bytes)),
          losses: ["You are signed out of DingTalk in this browser.", "Settings of its pages may need setting again."],
          stays,
          backup: "whole",
          closing: [...new Set(touched(choice).filter(({ running }) => running === "yes").map(({ browser }) => browser))],
        };
      }),
    clearBrowsers: (choice) =>
      answer("clearBrowsers", () => {
        const open = touched(choice).find(({ running }) => running === "yes");
        if (open) {
          const says = `It is cleared once ${open.browser} is closed.`;
          set((now) => ({ ...now, waiting: [{ id: "0", profile: open.id, browser: open.browser, says, begun: false }] }));
          return { change: null, says };
        }
        const old = view;
        clear(choice);
        const id = `b${++serial}00`;
        taken.set(id, old);
        const backup = { id, at: before(0), until: before(-30 * 24 * 60), profile: choice.profile ?? "", says: "What was cleared a moment ago." };
        set((now) => ({ ...now, backups: [backup, ...now.backups] }));
        return done("It is cleared, and a backup is kept for 30 days.", "Cookies and site data");
      }),
    cancelWaiting: (id) => answer("cancelWaiting", () => set((now) => ({ ...now, waiting: now.waiting.filter((each) => each.id !== id) }))),
    restoreBackup: (id) =>
      answer("restoreBackup", () => {
        const old = taken.get(id);
        set((now) => ({ ...(old ?? now), backups: now.backups.filter((each) => each.id !== id) }));
        return done("It is back as it was.", "Cookies and site data");
      }),
    refuseSite: (profile, site, refuse) =>
      answer("refuseSite", () => {
        set((now) => ({
          ...now,
          profiles: now.profiles.map((each) =>
            each.id === profile
              ? {
                  ...each,
                  sites: each.sites.map((one) =>
                    one.domain === site
                      ? { ...one, refused: refuse ? "yes" : "no", refusedSays: refuse ? "A rule in the browser's own settings, set here." : null }
                      : one,
                  ),
                }
              : each,
          ),
        }));
        return done(refuse ? `${site} is refused.` : `${site} is accepted.`, site);
      }),
    setSitePermission: (profile, site, permission, setting) =>
      answer("setSitePermission", () => {
        set((now) => ({
          ...now,
          profiles: now.profiles.map((each) =>
            each.id === profile
              ? {
                  ...each,
                  sites: each.sites.map((one) =>
                    one.domain === site
                      ? {
                          ...one,
                          permissions: one.permissions.map((held) =>
                            held.permission === permission ? { ...held, setting, decidedBy: "You, here" } : held,
                          ),
                        }
                      : one,
                  ),
                }
              : each,
          ),
        }));
        return done(`${site}: ${permission} is set.`, site);
      }),
    openBrowserPage: () => answer("openBrowserPage", () => undefined),
  };
  return { commands, set };
}
