/** When things happened, in columns: months, or years when there are too many months to tell apart. */
import { monthAfter, monthOf } from "./amounts";
import type { SpanView } from "./bindings";

/** A stretch of time: days such as `2025-03-01`, the last one excluded. */
export interface Span {
  from: string;
  before: string;
  label: string;
}

export interface Column extends Span {
  items: number;
}

/** More months than this are shown as years. */
const MOST_MONTHS = 60;

/** Columns without a gap from the first month to the last. */
export function columns(spans: SpanView[], category: string | null): Column[] {
  const sums = new Map<string, number>();
  for (const { begins, category: of, items } of spans) {
    if (category === null || of === category) sums.set(begins, (sums.get(begins) ?? 0) + items);
  }
  const months = [...sums.keys()].sort();
  const [first, last] = [months[0], months.at(-1)];
  if (first === undefined || last === undefined) return [];
  const span = (Number(last.slice(0, 4)) - Number(first.slice(0, 4))) * 12 + Number(last.slice(5, 7)) - Number(first.slice(5, 7)) + 1;
  if (span > MOST_MONTHS) return byYear(sums, Number(first.slice(0, 4)), Number(last.slice(0, 4)));
  const all: Column[] = [];
  for (let from = first; from <= last; ) {
    const before = monthAfter(from).slice(0, 10);
    all.push({ from, before, label: monthOf(from), items: sums.get(from) ?? 0 });
    from = before;
  }
  return all;
}

function byYear(sums: Map<string, number>, first: number, last: number): Column[] {
  // What claims to be of another millennium would stretch the chart until nothing in it can be seen.
  const from = Math.max(first, last - MOST_MONTHS);
  const year = (of: number) => String(of).padStart(4, "0");
  const all = Array.from({ length: last - from + 1 }, (_, at) => {
    const label = year(from + at);
    return { from: `${label}-01-01`, before: `${year(from + at + 1)}-01-01`, label, items: 0 };
  });
  for (const [month, items] of sums) {
    const column = all[Number(month.slice(0, 4)) - from];
    if (column) column.items += items;
  }
  return all;
}
