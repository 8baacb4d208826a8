/** Moving the focus to where the person was led. */
import { testids } from "./testids";

/** How long a row that was led to stays marked, in milliseconds. */
const MARKED = 2_000;

/** To a row: brings it into view, marks it for a moment, and puts the focus on its control. */
export function revealRow(id: string): boolean {
  const row = document.getElementById(id);
  if (row === null) return false;
  row.scrollIntoView?.({ block: "center" });
  row.dataset["found"] = "true";
  setTimeout(() => delete row.dataset["found"], MARKED);
  const control = row.querySelector<HTMLElement>("[role=switch]") ?? row.querySelector<HTMLElement>("button");
  control?.focus({ preventScroll: true });
  return true;
}

/** To a place's heading, from the top. */
export function revealPlace(): void {
  const heading = document.querySelector<HTMLElement>("main h1");
  heading?.closest("main")?.scrollTo?.({ top: 0 });
  heading?.focus({ preventScroll: true });
}

/** To the list of places. */
export function revealList(): void {
  document.querySelector<HTMLElement>("nav [aria-current]")?.focus();
}

/** Round the three regions: the list of places, the page, the message. */
export function nextRegion(): void {
  const list = document.querySelector<HTMLElement>("nav [aria-current]");
  const page = document.querySelector<HTMLElement>("main h1");
  const message = document.querySelector<HTMLElement>(`[data-testid=${testids.toastUndo}], [data-testid=${testids.toastClose}]`);
  const regions = [list, page, message].filter((region) => region !== null);
  const main = document.querySelector("main");
  const active = document.activeElement;
  const at = active === message || message?.parentElement?.contains(active) ? 2 : main?.contains(active) ? 1 : 0;
  regions[(at + 1) % regions.length]?.focus();
}
