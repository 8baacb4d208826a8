/** A made-up archive of any length: records are made when they are asked for. Nothing here reaches the built window. */
import type {
  ArchiveCategoryView,
  ArchiveView,
  ComparisonView,
  HitsView,
  NodeView,
  PreviewView,
  RecordRow,
  RecordsQuery,
  RecordView,
  SpanView,
} from "../lib/bindings";

const people = ["Ann Lee", "王芳", "Bo Müller", "Priya N.", "สมชาย"];
const said = [
  "Shall we meet on Tuesday about the budget?",
  "项目会议改到下午三点",
  "The design is ready for you to look at.",
  "Thank you! I'll bring the printed plans along.",
  "Can you send me the file again?",
];
const START = Date.UTC(2024, 0, 3, 8);

const number = (text: string) => Number(text.slice(1));

export interface MadeUpArchive {
  view: ArchiveView;
  /** Texts that replace those of the first records. */
  texts: string[];
  spans(): SpanView[];
  records(query: RecordsQuery): RecordRow[];
  search(text: string, category: string | null): HitsView;
  record(item: string): RecordView;
  folder(path: string): NodeView[];
  preview(path: string): PreviewView;
}

function category(id: string, name: string, records: number, bytes: number, files = 1): ArchiveCategoryView {
  return { id, name, files, bytes: String(bytes), records, claimed: null };
}

export function madeUpArchive(more: Partial<ArchiveView> = {}, messages = 2400, texts: string[] = []): MadeUpArchive {
  const view: ArchiveView = {
    id: "a1",
    name: "dingtalk-2026.zip",
    path: "/home/sam/Downloads/dingtalk-2026.zip",
    kind: "export",
    encrypted: false,
    files: 3104,
    bytes: "1402911022",
    period: null,
    categories: [
      category("messages", "Messages", messages, 39_000_000, 812),
      category("calendar", "Calendar", 320, 210_000, 2),
      category("contacts", "Contacts", 84, 96_000, 3),
      category("docs", "Docs", 24, 820_000_000, 240),
    ],
    leftOut: [],
    findings: [],
    indexing: null,
    failure: null,
    checking: null,
    report: null,
    ...more,
  };
  const total = view.categories.reduce((sum, { records }) => sum + records, 0);
  const ends = view.categories.reduce<{ id: string; end: number }[]>((all, { id, records }) => [...all, { id, end: (all.at(-1)?.end ?? 0) + records }], []);
  const of = (at: number) => ends.find(({ end }) => at < end)?.id ?? "messages";
  const line = (at: number) => texts[at] ?? `${people[at % people.length]}: ${said[at % said.length]}`;
  const millis = Array.from({ length: total }, (_, at) => START + ((at * 7919) % 700) * 86_400_000 + (at % 600) * 60_000);
  const when = (at: number) => new Date(millis[at]!);

  const row = (at: number): RecordRow => ({ item: `r${at}`, category: of(at), at: when(at).toISOString(), kind: of(at) === "messages" ? "message" : of(at), line: line(at) });
  const all = Array.from({ length: total }, (_, at) => at).sort((one, other) => millis[other]! - millis[one]!);

  return {
    view,
    texts,
    spans: () => {
      const sums = new Map<string, SpanView>();
      for (const at of all) {
        const begins = `${when(at).toISOString().slice(0, 7)}-01`;
        const category = of(at);
        const span = sums.get(begins + category);
        if (span) span.items += 1;
        else sums.set(begins + category, { begins, category, items: 1 });
      }
      return [...sums.values()].sort((one, other) => one.begins.localeCompare(other.begins));
    },
    records: ({ category, from, before, oldestFirst, skip, most }) => {
      const listed = all.filter(
        (at) => (category === null || of(at) === category) && (from === null || when(at).toISOString() >= from) && (before === null || when(at).toISOString() < before),
      );
      return (oldestFirst ? listed.reverse() : listed).slice(skip, skip + most).map(row);
    },
    search: (text, category) => {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean);
      const found = all.filter((at) => (category === null || of(at) === category) && words.every((word) => line(at).toLowerCase().includes(word)));
      return { total: found.length, rows: found.slice(0, 1000).map(row) };
    },
    record: (item) => {
      const at = number(item);
      return {
        item,
        kind: row(at).kind,
        at: row(at).at,
        title: texts[at] ?? null,
        text: texts[at] ?? said[at % said.length]!,
        cut: false,
        from: texts[at] ?? people[at % people.length]!,
        to: [texts[at] ?? "Sam Sample"],
        files: [
          { path: "data/messages/attachments/plan.png", name: "plan.png", bytes: "68" },
          { path: "data/messages/attachments/gone.pdf", name: "gone.pdf", bytes: null },
        ],
        fields: [{ label: texts[at] ?? "Group", value: texts[at] ?? "Project meeting" }],
      };
    },
    folder: (path) =>
      path === ""
        ? [
            { name: "data", folder: true, files: 3100, bytes: "1402900000" },
            { name: "bagit.txt", folder: false, files: 1, bytes: "55" },
            { name: "manifest-sha256.txt", folder: false, files: 1, bytes: "310000" },
          ]
        : Array.from({ length: 130 }, (_, at) => ({ name: `${path.replaceAll("/", "-")}-${at}.txt`, folder: false, files: 1, bytes: "120" })),
    preview: (path) => preview(path, texts[0]),
  };
}

/** The smallest picture there is. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

function preview(path: string, text = "What stands in it."): PreviewView {
  const end = path.split(".").at(-1);
  if (end === "png") return { shownAs: "picture", mediaType: "image/png", data: PIXEL };
  if (end === "vcf") {
    return { shownAs: "contacts", contacts: [{ name: text, numbers: [text], addresses: [text], organization: text, title: null, note: text }], cut: true };
  }
  if (end === "ics") {
    return { shownAs: "events", events: [{ summary: text, begins: "2025-03-02 09:00", ends: "2025-03-02 10:00", location: text, description: text, repeats: true }], cut: false };
  }
  if (end === "eml") return { shownAs: "letter", from: [text], to: [text], subject: text, date: "2025-03-02T09:00:00Z", text, attachments: [text] };
  if (end === "pdf") return { shownAs: "other", mediaType: "application/pdf", bytes: "120000" };
  return { shownAs: "text", text, cut: true };
}

export function comparison(): ComparisonView {
  const row = (item: string, line: string): RecordRow => ({ item, category: "messages", at: "2025-11-02T09:00:00Z", kind: "message", line });
  return {
    categories: [
      { category: "Messages", added: 310, removed: 2, changed: 1 },
      { category: "Docs", added: 4, removed: 0, changed: 11 },
    ],
    changes: [
      { how: "added", row: row("1", "Ann Lee: The design is ready.") },
      { how: "removed", row: row("2", "Bo Müller: Never mind.") },
      { how: "changed", row: row("3", "Plan for the new office") },
    ],
    total: 328,
    notCovered: 12,
  };
}
