/** Where the person is in the window. Kept in memory: there are no addresses to share. */

export const places = [
  "overview",
  "permissions",
  "marketing",
  "cookies",
  "sharing",
  "export",
  "requests",
  "account",
  "deletion",
  "activity",
  "about",
] as const;

export type Place = (typeof places)[number];

export class Router {
  place = $state<Place>("overview");
  /** In a narrow window: in the place, rather than in the list of places. */
  inside = $state(false);
  /** The element to lead to in the place, by its id. */
  target = $state<string | null>(null);
  /** Grows with every move, so that focus follows even to where one is already. */
  visit = $state(0);
  #trail: Place[] = [];

  go(place: Place, target: string | null = null): void {
    if (place !== this.place) this.#trail.push(this.place);
    this.#arrive(place, true, target);
  }

  /** To the place before; from the first one, to the list. */
  back(): void {
    const before = this.#trail.pop();
    this.#arrive(before ?? this.place, before !== undefined, null);
  }

  /** Out to the list of places, in a narrow window. */
  leave(): void {
    this.#trail = [];
    this.#arrive(this.place, false, null);
  }

  #arrive(place: Place, inside: boolean, target: string | null): void {
    this.place = place;
    this.inside = inside;
    this.target = target;
    this.visit += 1;
  }
}
