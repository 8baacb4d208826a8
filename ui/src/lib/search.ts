/** Finding a setting by what it is called and what it says. */
import type { AppView } from "./bindings";
import { m } from "./messages";
import { places, type Place } from "./router.svelte";
import { rows } from "./rows";

/** Something search leads to. */
export interface Found {
  /** Unique; the element's id, or the place. */
  key: string;
  name: string;
  place: Place;
  target: string | null;
}

interface Entry extends Found {
  words: string;
}

const placeOfGroup: Record<string, Place> = {
  cookies: "cookies",
  marketing: "marketing",
  sharing: "sharing",
  interoperability: "sharing",
};

/** What else a place is looked for by. */
const besides: Partial<Record<Place, string>> = {
  cookies: m.search.cookies,
  export: m.search.export,
  requests: m.search.requests,
  deletion: m.search.deletion,
};

function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[-‑]/g, "");
}

function entries(view: AppView): Entry[] {
  const found: Entry[] = places.map((place) => ({
    key: `place-${place}`,
    name: m.places[place],
    place,
    target: null,
    words: [m.places[place], besides[place] ?? ""].join(" "),
  }));
  for (const permission of view.device.permissions) {
    found.push({
      key: rows.permission(permission.id),
      name: permission.name,
      place: "permissions",
      target: rows.permission(permission.id),
      words: [permission.name, ...permission.usedFor, permission.without].join(" "),
    });
  }
  const topics = new Set<string>();
  for (const consent of view.consents) {
    const place = placeOfGroup[consent.group];
    if (!place) continue;
    if (consent.topic !== null) {
      if (topics.has(consent.topic)) continue;
      topics.add(consent.topic);
    }
    const channels = view.consents
      .filter((other) => consent.topic !== null && other.topic === consent.topic)
      .map((other) => other.channel ?? "");
    const target = consent.topic === null ? rows.consent(consent.id) : rows.topic(consent.topic);
    found.push({
      key: target,
      name: consent.topic ?? consent.name,
      place,
      target,
      words: [consent.name, consent.topic ?? "", consent.says, ...channels, m.places[place]].join(" "),
    });
  }
  return found;
}

/** What holds every word of `text`; what is called so comes first. */
export function search(view: AppView, text: string): Found[] {
  const wanted = plain(text).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const called = (entry: Entry) => wanted.every((word) => plain(entry.name).includes(word));
  return entries(view)
    .filter((entry) => wanted.every((word) => plain(entry.words).includes(word)))
    .sort((one, other) => Number(called(other)) - Number(called(one)));
}
