/** Times in words. */
import { m } from "./messages";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const calendarDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** "2 seconds ago", "in 3 minutes", "yesterday"; beyond a week, the day. */
export function ago(at: string, now: number): string {
  const then = Date.parse(at);
  if (Number.isNaN(then)) return at;
  const passed = then - now;
  const distance = Math.abs(passed);
  if (distance < 1.5 * SECOND) return m.words.justNow;
  if (distance < MINUTE) return relative.format(Math.round(passed / SECOND), "second");
  if (distance < HOUR) return relative.format(Math.round(passed / MINUTE), "minute");
  if (distance < DAY) return relative.format(Math.round(passed / HOUR), "hour");
  if (distance < WEEK) return relative.format(Math.round(passed / DAY), "day");
  return day.format(then);
}

/** The day of a date without a time, "24 December 2026", wherever one is. */
export function dayInWords(date: string): string {
  const then = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(then) ? date : calendarDay.format(then);
}

/** The hour and minute, in this computer's time zone. */
export function hour(at: string): string {
  const then = Date.parse(at);
  return Number.isNaN(then) ? at : clock.format(then);
}

/** Everything about a time, for whoever asks. */
export function exactly(at: string): string {
  const then = Date.parse(at);
  return Number.isNaN(then) ? at : full.format(then);
}

/** Whether a text is a time, as the program writes it (RFC 3339). */
export function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text);
}
