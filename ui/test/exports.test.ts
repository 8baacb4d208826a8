import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";

import { madeUpArchive } from "../src/dev/archives";
import { choices, copies, exportSituations, known } from "../src/dev/exports";
import { CODE, PASSPHRASE } from "../src/dev/exporting";
import { situations } from "../src/dev/fixtures";
import { Draft } from "../src/lib/ask.svelte";
import { m } from "../src/lib/messages";
import { strength } from "../src/lib/passphrase";
import { exportTestids as ids } from "../src/lib/testids.exports";
import { byTestId, isThere, open, settled, type Opened } from "./window";

const account = situations["flatpak"]!;

async function faults(): Promise<string[]> {
  const { violations } = await axe.run(document.body, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false }, "page-has-heading-one": { enabled: true } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

function exports(name: string): Promise<Opened> {
  return open(account(), "export", undefined, exportSituations[name]!());
}

async function press({ user }: Opened, ...names: string[]): Promise<void> {
  for (const name of names) {
    await user.click(byTestId(name));
    await settled();
  }
}

async function page(name: string): Promise<Opened> {
  const opened = await exports(name);
  await press(opened, ids.exportShow("e1"));
  return opened;
}

const says = () => document.querySelector("main")?.textContent ?? "";

describe("the list of copies", () => {
  it("says what can be done when there are none", async () => {
    await exports("none");
    expect(byTestId(ids.empty).textContent).toContain(m.exports.emptyTitle);
    expect(await faults()).toEqual([]);
  });

  it("shows copies and archives, with what is known of them", async () => {
    await exports("usual");
    expect(byTestId(ids.export("e0")).textContent).toContain("Downloading");
    expect(byTestId(ids.export("e0")).textContent).toContain("39 %");
    expect(byTestId(ids.known("2025")).textContent).toContain("Encrypted");
    expect(byTestId(ids.known("old")).textContent).toContain(m.exports.archiveGone);
    expect(isThere(ids.knownRead("old"))).toBe(false);
    expect(await faults()).toEqual([]);
  });

  it("lets whoever has no account read, and nobody ask", async () => {
    await open(situations["noAccount"]!(), "export", undefined, exportSituations["none"]!());
    expect(isThere(ids.ask)).toBe(false);
    expect(isThere(ids.openFile)).toBe(true);
    expect(says()).toContain(m.exports.noAccountSays);
  });

  it("forgets an archive and leaves its file", async () => {
    const opened = await exports("usual");
    await press(opened, ids.knownForget("2026"));
    expect(isThere(ids.known("2026"))).toBe(false);
  });

  it("says so when it can't be had, and asks again", async () => {
    const opened = await open(account());
    opened.program.refuse("exports", "store", "This program couldn't read its own notes.");
    opened.app.router.go("export");
    await vi.waitFor(() => byTestId(ids.failure), 20_000);
    expect(byTestId(ids.failure).textContent).toContain("its own notes");
    await opened.user.click(byTestId(ids.failure).querySelector("button")!);
    await settled();
    expect(isThere(ids.failure)).toBe(false);
  });

  it("is told of elsewhere, with a way here", async () => {
    const notice = { code: "export-ready", message: "Your data is ready to download.", file: null, dismissible: true };
    const opened = await open({ ...account(), notices: [notice] }, "permissions");
    expect(isThere("notice-export-ready")).toBe(false);
    opened.app.router.go("overview");
    await settled();
    await press(opened, "notice-export-ready-show");
    await vi.waitFor(() => byTestId(ids.openFile), 20_000);
    expect(isThere("notice-export-ready")).toBe(true);
    expect(isThere("notice-export-ready-show")).toBe(false);
  });

  it("is found by what people call it", async () => {
    const { user } = await open(account());
    await user.type(byTestId("search"), "takeout");
    await user.keyboard("{Enter}");
    await vi.waitFor(() => byTestId(ids.openFile), 20_000);
    expect(isThere("page-export")).toBe(true);
  });
});

describe("asking", () => {
  async function form(): Promise<Opened> {
    const opened = await exports("none");
    await press(opened, ids.ask);
    return opened;
  }

  it("needs a code, and the wish goes as it was chosen", async () => {
    const opened = await form();
    await press(opened, ids.some, ids.category("messages"), ids.goOn, ids.sendCode, ids.useCode, ids.confirm);
    expect(byTestId(ids.page).dataset["stage"]).toBe("asked");
    const [asked] = opened.app.exports.view!.exports;
    expect(asked!.asked).toEqual(["messages"]);
    expect(asked!.place).toBe(choices().place);
  });

  it("says what is wrong with a code at its field, and lets another be tried", async () => {
    const opened = await form();
    await press(opened, ids.goOn, ids.sendCode);
    await opened.user.type(byTestId(ids.code), "000000{Enter}");
    await settled();
    expect(byTestId(ids.formProblem).textContent).toContain("4 more tries");
    expect(document.activeElement).toBe(byTestId(ids.code));
    await opened.user.clear(byTestId(ids.code));
    await opened.user.type(byTestId(ids.code), `${CODE}{Enter}`);
    await settled();
    expect(isThere(ids.page)).toBe(true);
  });

  it("isn't possible before the law lets the next copy be asked for, which is said", async () => {
    const opened = await form();
    await opened.user.selectOptions(byTestId(ids.regime), "california");
    expect(says()).toContain("At most 2 copies in 12 months, of the last 12 months.");
    expect(says()).toContain(m.exports.form.next);
    await press(opened, ids.goOn);
    expect(isThere(ids.sendCode)).toBe(false);
    await opened.user.selectOptions(byTestId(ids.regime), "eea");
    await press(opened, ids.goOn);
    expect(isThere(ids.sendCode)).toBe(true);
  });

  it("names whom to ask where DingTalk doesn't decide", async () => {
    const opened = await form();
    expect(says()).toContain("Your Organization decides about Docs and Attendance");
    await press(opened, ids.some);
    expect(byTestId(ids.category("docs")).closest("label")!.textContent).toContain("ask its administrator");
  });

  it("wants at least one category, both days in order, a place, and the same passphrase twice", async () => {
    const draft = new Draft(choices());
    expect(draft.problems()).toEqual({});
    Object.assign(draft, { all: false, time: "between", from: "2025-02-02", to: "2025-02-01", place: " ", encrypt: true, passphrase: "a", again: "b" });
    expect(Object.keys(draft.problems())).toEqual(["categories", "time", "place", "passphrase"]);
    Object.assign(draft, { chosen: ["mail"], to: "2025-02-02", place: "/x", again: "a" });
    expect(draft.problems()).toEqual({});
    const { from, to } = draft.wish(0);
    expect(Date.parse(to!) - Date.parse(from!)).toBe(86_400_000);
  });

  it("keeps what was entered when something is to be changed, and never shows a passphrase", async () => {
    const opened = await form();
    await press(opened, ids.encrypt);
    await opened.user.type(byTestId(ids.passphrase), "tea");
    expect(byTestId(ids.strength).textContent).toContain("Short");
    expect(byTestId(ids.passphrase).getAttribute("type")).toBe("password");
    await press(opened, ids.goOn);
    expect(says()).toContain(m.exports.form.different);
    expect(await faults()).toEqual([]);
    await opened.user.type(byTestId(ids.passphraseAgain), "tea");
    await press(opened, ids.goOn);
    await opened.user.click([...document.querySelectorAll("button")].find(({ textContent }) => textContent?.trim() === m.exports.code.back)!);
    await settled();
    expect((byTestId(ids.passphraseAgain) as HTMLInputElement).value).toBe("tea");
  });

  it("takes a place from the system's own dialog", async () => {
    const opened = await form();
    await press(opened, `${ids.place}-choose`);
    expect((byTestId(ids.place) as HTMLInputElement).value).toBe("/home/sam/Chosen/dingtalk-2026-01-10.zip-1");
  });

  it("has no accessibility fault, all of it unfolded", async () => {
    const opened = await form();
    await press(opened, ids.some, ids.time("between"), ids.encrypt);
    expect(await faults()).toEqual([]);
    await press(opened, ids.all, ids.time("any"), ids.encrypt, ids.goOn, ids.sendCode);
    expect(await faults()).toEqual([]);
  });
});

describe("what a passphrase is worth", () => {
  it.each([
    ["tea", "short"],
    ["aaaaaaaaaaaaaaaa", "short"],
    ["correct horse", "short"],
    ["lamp river orange", "short"],
    ["lamp river orange bicycle", "fair"],
    ["lamp river orange bicycle cloud", "good"],
    ["x7!Kq2#vLm9z", "good"],
  ])("%s is %s", (passphrase, worth) => expect(strength(passphrase)).toBe(worth));
});

describe("a copy", () => {
  for (const name of Object.keys(copies)) {
    it(`that is “${name}” has no accessibility fault, and says where it stands`, async () => {
      await page(name);
      const { stage, says: sentence, waits } = copies[name]!();
      expect(byTestId(ids.page).dataset["stage"]).toBe(stage);
      expect(says()).toContain(waits?.says ?? sentence);
      expect(await faults()).toEqual([]);
    });
  }

  it("shows the step it is at", async () => {
    await page("downloading");
    expect(byTestId(ids.step("ready")).dataset["state"]).toBe("done");
    expect(byTestId(ids.step("downloading")).getAttribute("aria-current")).toBe("step");
    expect(byTestId(ids.step("checked")).dataset["state"]).toBe("later");
  });

  it("shows bytes, rate and time left while it comes, and why it began again", async () => {
    await page("downloading");
    const progress = byTestId(ids.progress);
    expect(progress.textContent).toContain("512 MB of 1.3 GB");
    expect(progress.textContent).toContain("24 MB a second");
    expect(progress.textContent).toContain("about 33 seconds left");
    expect(says()).toContain("so the download started over");
  });

  it("follows the program's news", async () => {
    const opened = await page("asked");
    opened.program.exporting.set((view) => ({ ...view, exports: [copies["ready"]!()] }));
    await settled();
    expect(byTestId(ids.page).dataset["stage"]).toBe("ready");
  });

  it("that is ready goes where the person says", async () => {
    const opened = await page("ready");
    await opened.user.clear(byTestId(ids.place));
    await opened.user.type(byTestId(ids.place), "/media/stick/copy.zip");
    await press(opened, ids.download);
    expect(opened.app.exports.view!.exports[0]).toMatchObject({ stage: "downloading", place: "/media/stick/copy.zip" });
  });

  it("can be cancelled after a question, and not by mistake", async () => {
    const opened = await page("downloading");
    await press(opened, ids.cancel, "confirm-cancel");
    expect(byTestId(ids.page).dataset["stage"]).toBe("downloading");
    await press(opened, ids.cancel, ids.cancelAct);
    expect(byTestId(ids.page).dataset["stage"]).toBe("cancelled");
    await press(opened, ids.forget);
    expect(isThere(ids.empty)).toBe(true);
  });

  it.each([
    ["noRoom", ids.goOnHere, "resumeExport"],
    ["key", ids.trust, "acceptSigningKeys"],
    ["notSound", ids.retry, "retryExport"],
    ["expired", ids.retry, "retryExport"],
  ])("that is “%s” goes on when the person says so", async (name, button, call) => {
    const opened = await page(name);
    await press(opened, button);
    expect(opened.program.calls).toContain(call);
    expect(isThere(ids.waits)).toBe(false);
  });

  it("goes on elsewhere when its place is gone", async () => {
    const opened = await page("placeMissing");
    await press(opened, ids.elsewhere);
    await opened.user.clear(byTestId(ids.place));
    await opened.user.type(byTestId(ids.place), "/home/sam/other.zip");
    await press(opened, ids.elsewhereAct);
    expect(opened.app.exports.view!.exports[0]!.place).toBe("/home/sam/other.zip");
  });

  it("takes a fresh code when one is needed", async () => {
    const opened = await page("code");
    await press(opened, ids.sendCode, ids.useCode, ids.confirm);
    expect(isThere(ids.waits)).toBe(false);
  });

  it("that isn't sound is never called done, and says where it lies", async () => {
    await page("notSound");
    expect(isThere(ids.read)).toBe(false);
    expect(byTestId(ids.report).dataset["sound"]).toBe("false");
    expect(says()).toContain(".part.not-sound");
  });

  it("that another program looks after can only be watched", async () => {
    await page("elsewhere");
    for (const id of [ids.cancel, ids.retry, ids.download]) expect(isThere(id)).toBe(false);
    expect(says()).toContain(m.exports.page.otherProgram);
  });

  it("saves its report where the person says, and says where", async () => {
    const opened = await page("checked");
    await press(opened, ids.saveReport);
    expect(document.activeElement).toBe(byTestId("save-folder"));
    await press(opened, ids.saveAct);
    expect(byTestId(ids.saved).textContent).toContain("/home/sam/Downloads/verification-report.txt");
  });

  it("can be encrypted afterwards, once the passphrase was entered twice", async () => {
    const opened = await page("checked");
    await opened.user.click(document.querySelector("summary")!);
    await opened.user.type(byTestId(ids.passphrase), "lamp river");
    await press(opened, ids.encryptAct);
    expect(says()).toContain(m.exports.form.different);
    await opened.user.type(byTestId(ids.passphraseAgain), "lamp river");
    await press(opened, ids.encryptAct);
    expect(opened.app.exports.view!.exports[0]!.encrypted).toBe(true);
    expect(isThere(ids.encryptAct)).toBe(false);
  });

  it("is read from its page", async () => {
    const opened = await page("checked");
    await press(opened, ids.read);
    await vi.waitFor(() => byTestId(ids.reader), 20_000);
  });
});

describe("opening an archive", () => {
  it("asks for a passphrase only when there has to be one, and says when it is wrong", async () => {
    const opened = await exports("none");
    opened.program.exporting.put(madeUpArchive({ encrypted: true }));
    await press(opened, ids.openFile);
    expect(isThere(ids.openPassphrase)).toBe(false);
    await opened.user.type(byTestId(ids.place), "/home/sam/sealed.zip.age{Enter}");
    await settled();
    expect(isThere(ids.openProblem)).toBe(false);
    expect(document.activeElement).toBe(byTestId(ids.openPassphrase));
    expect(await faults()).toEqual([]);
    await opened.user.type(byTestId(ids.openPassphrase), "wrong{Enter}");
    await settled();
    expect(byTestId(ids.openProblem).textContent).toContain("doesn't open");
    await opened.user.clear(byTestId(ids.openPassphrase));
    await opened.user.type(byTestId(ids.openPassphrase), `${PASSPHRASE}{Enter}`);
    await vi.waitFor(() => byTestId(ids.reader), 20_000);
  });

  it("of an encrypted one asks at once", async () => {
    const opened = await open(account(), "export", undefined, { exports: [], archives: [known("s", { encrypted: true })] });
    await press(opened, ids.knownRead("s"));
    expect(isThere(ids.openPassphrase)).toBe(true);
  });

  it("that is refused is said, and leaves the list", async () => {
    const opened = await exports("usual");
    opened.program.refuse("openArchive", "unreadable", "The archive can't be read.");
    await press(opened, ids.knownRead("2026"));
    expect(byTestId("toast").textContent).toContain("can't be read");
    expect(isThere(ids.known("2026"))).toBe(true);
  });
});
