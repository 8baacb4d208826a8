/** The part of the made-up program that has to do with exports and archives. */
import type { ArchiveView, ExportsView, ExportView } from "../lib/bindings";
import { Refusal, type ExportsBackend } from "../lib/ipc";
import { comparison, madeUpArchive, type MadeUpArchive } from "./archives";
import { choices, copy, known } from "./exports";

export interface Exporting {
  commands: ExportsBackend;
  /** Shows other exports, as the program would when it has news. */
  set(next: (view: ExportsView) => ExportsView): void;
  /** What `openArchive` opens. */
  put(archive: MadeUpArchive): void;
  /** News of the open archive. */
  news(next: Partial<ArchiveView>): void;
}

interface Means {
  answer: <T>(name: string, value: () => T) => Promise<T>;
  news: () => void;
}

export const CODE = "482913";
export const PASSPHRASE = "correct horse";

const no = (code: string, message: string) => new Refusal({ code, message, retryable: true });

export function madeUpExports(first: ExportsView, { answer, news }: Means): Exporting {
  let view = first;
  let archive = madeUpArchive();
  let chosen = 0;
  const moves = new Set<() => void>();
  const listeners = new Set<(id: string) => void>();

  function set(next: (view: ExportsView) => ExportsView): void {
    view = next(view);
    news();
    for (const listener of moves) listener();
  }

  const change = (id: string, more: Partial<ExportView>) =>
    set((now) => ({ ...now, exports: now.exports.map((each) => (each.id === id ? { ...each, waits: null, ...more } : each)) }));

  function told(code: string): void {
    if (code !== CODE) throw no("code-wrong", "This isn't the code that was sent. You have 4 more tries.");
  }

  function report(next: Partial<ArchiveView>): void {
    archive.view = { ...archive.view, ...next };
    for (const listener of listeners) listener(archive.view.id);
  }

  const commands: ExportsBackend = {
    exports: () => answer("exports", () => view),
    exportChoices: () => answer("exportChoices", choices),
    requestExportCode: () =>
      answer("requestExportCode", () => ({
        expiresAt: new Date(Date.now() + 600_000).toISOString(),
        nextAllowedAt: new Date(Date.now() + 60_000).toISOString(),
        shownCode: CODE,
      })),
    requestExport: (wish, code) =>
      answer("requestExport", () => {
        told(code);
        set((now) => ({ ...now, exports: [copy("e9", { asked: wish.categories, place: wish.place, encrypted: wish.passphrase !== null }), ...now.exports] }));
        return "e9";
      }),
    giveExportCode: (id, code) =>
      answer("giveExportCode", () => {
        told(code);
        change(id, {});
      }),
    downloadExport: (id, place) => answer("downloadExport", () => change(id, { stage: "downloading", place })),
    resumeExport: (id, place) => answer("resumeExport", () => change(id, place === null ? {} : { place })),
    retryExport: (id) => answer("retryExport", () => change(id, { stage: "asked", canRetry: false, canCancel: true })),
    cancelExport: (id) => answer("cancelExport", () => change(id, { stage: "cancelled", says: "You cancelled this export.", canCancel: false })),
    encryptExport: (id) => answer("encryptExport", () => change(id, { encrypted: true })),
    acceptSigningKeys: (id) => answer("acceptSigningKeys", () => change(id, {})),
    forgetExport: (id) => answer("forgetExport", () => set((now) => ({ ...now, exports: now.exports.filter((each) => each.id !== id) }))),
    forgetArchive: (id) => answer("forgetArchive", () => set((now) => ({ ...now, archives: now.archives.filter((each) => each.id !== id) }))),
    saveExportReport: (_id, folder) => answer("saveExportReport", () => `${folder}/verification-report.txt`),
    onExportsMove: (callback) =>
      answer("onExportsMove", () => {
        moves.add(callback);
        return () => void moves.delete(callback);
      }),
    choosePlace: (choosing) =>
      answer("choosePlace", () => (choosing.for === "folder" ? "/home/sam/Chosen" : `/home/sam/Chosen/${choosing.for === "archive" ? "archive" : choosing.name}-${++chosen}`)),

    openArchive: (path, passphrase) =>
      answer("openArchive", () => {
        if (archive.view.encrypted && passphrase === null) throw no("needs-passphrase", "The archive is encrypted. Enter its passphrase to open it.");
        if (archive.view.encrypted && passphrase !== PASSPHRASE) throw no("wrong-passphrase", "This passphrase doesn't open the archive.");
        const added = known("opened", { name: path.split("/").at(-1) ?? path, path });
        view = { ...view, archives: [added, ...view.archives.filter((each) => each.path !== path)] };
        return archive.view;
      }),
    archive: () => answer("archive", () => archive.view),
    closeArchive: () => answer("closeArchive", () => undefined),
    archiveTimeline: () => answer("archiveTimeline", () => archive.spans()),
    archiveRecords: (_id, query) => answer("archiveRecords", () => archive.records(query)),
    searchArchive: (_id, text, category) => answer("searchArchive", () => archive.search(text, category)),
    archiveRecord: (_id, item) => answer("archiveRecord", () => archive.record(item)),
    archiveFolder: (_id, path, skip, most) =>
      answer("archiveFolder", () => {
        const nodes = archive.folder(path);
        return { total: nodes.length, nodes: nodes.slice(skip, skip + most) };
      }),
    previewFile: (_id, path) => answer("previewFile", () => archive.preview(path)),
    saveFile: (_id, path, folder) => answer("saveFile", () => `${folder}/${path.split("/").at(-1) ?? path}`),
    saveRecord: (_id, item, folder) => answer("saveRecord", () => `${folder}/${item}.json`),
    checkArchive: () =>
      answer("checkArchive", () => {
        const found = { sound: true, lines: ["This archive is complete and unchanged, and it is yours.", "Length: 1288490188 bytes"] };
        report({ report: found });
        return found;
      }),
    saveArchiveReport: (_id, folder) => answer("saveArchiveReport", () => `${folder}/verification-report.txt`),
    compareArchives: () => answer("compareArchives", comparison),
    copyForProvider: (_id, to) =>
      answer("copyForProvider", () => ({ path: to, records: 2400, leftOut: [{ category: "Contacts", item: "84 records", why: "They are about other people." }] })),
    stopArchiveWork: () => answer("stopArchiveWork", () => undefined),
    onArchiveNews: (callback) =>
      answer("onArchiveNews", () => {
        listeners.add(callback);
        return () => void listeners.delete(callback);
      }),
  };

  return {
    commands,
    set,
    put: (next) => {
      archive = next;
    },
    news: report,
  };
}
