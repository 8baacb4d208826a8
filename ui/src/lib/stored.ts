/** What is kept, in numbers and words. It describes a view and decides nothing. */
import type { BrowserProfileView, BrowserSiteView, NamedElsewhere, StoredItemView, StoredKindView } from "./bindings";
import { m } from "./messages";

const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
const list = new Intl.ListFormat("en", { type: "conjunction" });
const count = new Intl.NumberFormat("en");

/** "340 kB" of a number of bytes, which crosses as a string. */
export function size(bytes: string): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit > 1 && value < 9.95 ? 1 : 0;
  return new Intl.NumberFormat("en", { style: "unit", unit: units[unit], unitDisplay: unit === 0 ? "long" : "short", maximumFractionDigits: digits }).format(value);
}

/** "6 cookies". */
export function counted({ kind, count: many }: StoredKindView): string {
  const { one, several } = m.browsers.kinds[kind];
  return `${count.format(many)} ${many === 1 ? one : several}`;
}

/** "6 cookies, local storage and databases": what a site keeps, in one line. */
export function inOneLine(kinds: StoredKindView[]): string {
  const kept = kinds.filter((each) => each.count > 0);
  if (kept.length === 0) return m.browsers.nothing;
  return list.format(kept.map((each, at) => (each.kind === "cookie" ? counted(each) : at === 0 ? m.browsers.kinds[each.kind].name : m.browsers.kinds[each.kind].name.toLowerCase())));
}

/** "14 entries in the history and 2 tabs to reopen", over all profiles given. */
export function named(kinds: StoredKindView[]): string {
  const sums = new Map<StoredKindView["kind"], StoredKindView>();
  for (const each of kinds) sums.set(each.kind, { ...each, count: each.count + (sums.get(each.kind)?.count ?? 0) });
  return list.format([...sums.values()].filter((each) => each.count > 0).map(counted));
}

/** With what each kind of place goes where a name remains; what sites keep themselves goes with none. */
const goesWith: Partial<Record<StoredKindView["kind"], NamedElsewhere>> = {
  history: "history",
  downloads: "history",
  icons: "history",
  suggestions: "history",
  "session-restore": "session-restore",
  "http-cache": "http-cache",
};

/** What can be asked to go as well, where something of it is there, in the order shown. */
export function alsoNamed(profiles: Pick<BrowserProfileView, "elsewhere">[]): NamedElsewhere[] {
  const there = profiles.flatMap(({ elsewhere }) => elsewhere.filter((each) => each.count > 0)).map(({ kind }) => goesWith[kind]);
  return (["history", "session-restore", "http-cache"] as const).filter((place) => there.includes(place));
}

export function keeps(site: BrowserSiteView): boolean {
  return site.kinds.some((each) => each.count > 0);
}

/** A profile, as a person tells it from others. */
export function profileName({ browser, name }: Pick<BrowserProfileView, "browser" | "name">): string {
  return name === "" ? browser : m.browsers.profile(browser, name);
}

/** Where statistics cookies are kept: a profile and a site, with them. */
export interface Statistics {
  profile: BrowserProfileView;
  site: BrowserSiteView;
  items: StoredItemView[];
}

export function statistics(profiles: BrowserProfileView[]): Statistics[] {
  return profiles.flatMap((profile) =>
    profile.sites
      .map((site) => ({
        profile,
        site,
        items: site.kinds.flatMap((each) => each.items.filter((item) => item.purpose === "statistics")),
      }))
      .filter(({ items }) => items.length > 0),
  );
}
