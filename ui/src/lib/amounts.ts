/** Counts, bytes and times in words. */
import { size } from "./stored";

const number = new Intl.NumberFormat("en");
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const minute = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const month = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

export { size };

/** "12,345". */
export function count(of: number): string {
  return number.format(of);
}

/** How much of it, from 0 to 1; 0 while nobody knows. */
export function share(done: string | number, of: string | number): number {
  const all = Number(of);
  return all > 0 ? Math.min(1, Number(done) / all) : 0;
}

/** "3 Mar 2025", in this computer's time zone. */
export function dayOf(at: string): string {
  const then = Date.parse(at);
  return Number.isNaN(then) ? at : day.format(then);
}

/** "3 Mar 2025, 09:30", in this computer's time zone. */
export function minuteOf(at: string): string {
  const then = Date.parse(at);
  return Number.isNaN(then) ? at : minute.format(then);
}

/** "March 2025", of a month's first day as the program writes it. */
export function monthOf(begins: string): string {
  const then = Date.parse(`${begins}T00:00:00Z`);
  return Number.isNaN(then) ? begins : month.format(then);
}

/** The first moment of the month after the one that begins then, RFC 3339. */
export function monthAfter(begins: string): string {
  const then = new Date(`${begins}T00:00:00Z`);
  then.setUTCMonth(then.getUTCMonth() + 1);
  return then.toISOString();
}

/** "2 minutes", "40 seconds": how long, roughly. */
export function roughly(seconds: number): string {
  const [value, unit] = seconds < 90 ? [Math.max(1, Math.round(seconds)), "second"] : seconds < 5400 ? [Math.round(seconds / 60), "minute"] : [Math.round(seconds / 3600), "hour"];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long" }).format(value);
}

/** The folder a file lies in, by its path. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end > 0 ? path.slice(0, end) : path;
}
