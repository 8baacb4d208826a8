/** The seam of exports and archives: part of `ipc.ts`. */
import { silently, unwrap } from "./answer";
import {
  commands,
  events,
  type ArchiveView,
  type Choosing,
  type CodeSentView,
  type ComparisonView,
  type ExportChoices,
  type ExportsView,
  type ExportWishView,
  type FolderView,
  type HitsView,
  type PortableView,
  type PreviewView,
  type RecordRow,
  type RecordsQuery,
  type RecordView,
  type ReportView,
  type SpanView,
  type TimeScale,
} from "./bindings";

/** What the window can ask of the program about exports and archives. */
export interface ExportsBackend {
  exports(): Promise<ExportsView>;
  exportChoices(): Promise<ExportChoices>;
  requestExportCode(): Promise<CodeSentView>;
  /** Gives the asking's identifier. */
  requestExport(wish: ExportWishView, code: string): Promise<string>;
  giveExportCode(id: string, code: string): Promise<void>;
  downloadExport(id: string, to: string): Promise<void>;
  resumeExport(id: string, elsewhere: string | null): Promise<void>;
  retryExport(id: string): Promise<void>;
  cancelExport(id: string): Promise<void>;
  encryptExport(id: string, passphrase: string): Promise<void>;
  acceptSigningKeys(id: string): Promise<void>;
  forgetExport(id: string): Promise<void>;
  forgetArchive(id: string): Promise<void>;
  /** Says where the report lies. */
  saveExportReport(id: string, folder: string): Promise<string>;
  /** Calls back while something is downloaded or checked. */
  onExportsMove(callback: () => void): Promise<() => void>;

  /** The system's dialog; `null` when the person thinks better of it. */
  choosePlace(choosing: Choosing): Promise<string | null>;

  openArchive(path: string, passphrase: string | null): Promise<ArchiveView>;
  archive(id: string): Promise<ArchiveView>;
  closeArchive(id: string): Promise<void>;
  archiveTimeline(id: string, category: string | null, scale: TimeScale): Promise<SpanView[]>;
  archiveRecords(id: string, query: RecordsQuery): Promise<RecordRow[]>;
  searchArchive(id: string, text: string, category: string | null): Promise<HitsView>;
  archiveRecord(id: string, item: string): Promise<RecordView>;
  archiveFolder(id: string, path: string, skip: number, most: number): Promise<FolderView>;
  previewFile(id: string, path: string): Promise<PreviewView>;
  /** Says where it lies. */
  saveFile(id: string, path: string, folder: string): Promise<string>;
  saveRecord(id: string, item: string, folder: string): Promise<string>;
  checkArchive(id: string): Promise<ReportView>;
  saveArchiveReport(id: string, folder: string): Promise<string>;
  compareArchives(earlier: string, later: string): Promise<ComparisonView>;
  copyForProvider(id: string, to: string, names: string[], addresses: string[]): Promise<PortableView>;
  stopArchiveWork(id: string): Promise<void>;
  /** Calls back with the identifier of an open archive of which there is news. */
  onArchiveNews(callback: (id: string) => void): Promise<() => void>;
}

/** The program's. */
export const tauriExports: ExportsBackend = {
  exports: () => unwrap(commands.exports()),
  exportChoices: () => unwrap(commands.exportChoices()),
  requestExportCode: () => unwrap(commands.requestExportCode()),
  requestExport: (wish, code) => unwrap(commands.requestExport(wish, code)),
  giveExportCode: (id, code) => silently(commands.giveExportCode(id, code)),
  downloadExport: (id, to) => silently(commands.downloadExport(id, to)),
  resumeExport: (id, elsewhere) => silently(commands.resumeExport(id, elsewhere)),
  retryExport: (id) => silently(commands.retryExport(id)),
  cancelExport: (id) => silently(commands.cancelExport(id)),
  encryptExport: (id, passphrase) => silently(commands.encryptExport(id, passphrase)),
  acceptSigningKeys: (id) => silently(commands.acceptSigningKeys(id)),
  forgetExport: (id) => silently(commands.forgetExport(id)),
  forgetArchive: (id) => silently(commands.forgetArchive(id)),
  saveExportReport: (id, folder) => unwrap(commands.saveExportReport(id, folder)),
  onExportsMove: (callback) => events.exportsMove.listen(() => callback()),

  choosePlace: (choosing) => unwrap(commands.choosePlace(choosing)),

  openArchive: (path, passphrase) => unwrap(commands.openArchive(path, passphrase)),
  archive: (id) => unwrap(commands.archive(id)),
  closeArchive: (id) => silently(commands.closeArchive(id)),
  archiveTimeline: (id, category, scale) => unwrap(commands.archiveTimeline(id, category, scale)),
  archiveRecords: (id, query) => unwrap(commands.archiveRecords(id, query)),
  searchArchive: (id, text, category) => unwrap(commands.searchArchive(id, text, category)),
  archiveRecord: (id, item) => unwrap(commands.archiveRecord(id, item)),
  archiveFolder: (id, path, skip, most) => unwrap(commands.archiveFolder(id, path, skip, most)),
  previewFile: (id, path) => unwrap(commands.previewFile(id, path)),
  saveFile: (id, path, folder) => unwrap(commands.saveFile(id, path, folder)),
  saveRecord: (id, item, folder) => unwrap(commands.saveRecord(id, item, folder)),
  checkArchive: (id) => unwrap(commands.checkArchive(id)),
  saveArchiveReport: (id, folder) => unwrap(commands.saveArchiveReport(id, folder)),
  compareArchives: (earlier, later) => unwrap(commands.compareArchives(earlier, later)),
  copyForProvider: (id, to, names, addresses) => unwrap(commands.copyForProvider(id, to, names, addresses)),
  stopArchiveWork: (id) => silently(commands.stopArchiveWork(id)),
  onArchiveNews: (callback) => events.archiveNews.listen((event) => callback(event.payload.id)),
};
