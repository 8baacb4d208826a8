import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";

import { usual } from "../src/dev/browsers";
import { deletionSituations, standing } from "../src/dev/deletion";
import { situations } from "../src/dev/fixtures";
import { deletionTestids as ids } from "../src/lib/testids.deletion";
import { m } from "../src/lib/messages";
import { exportTestids } from "../src/lib/testids.exports";
import { requestTestids } from "../src/lib/testids.requests";
import { byTestId, isThere, open, settled, type Opened } from "./window";

const signedIn = situations["flatpak"]!;

function ending(name: string, view = signedIn()): Promise<Opened> {
  return open(view, "deletion", usual(), undefined, { deletion: deletionSituations[name]!() });
}

async function faults(): Promise<string[]> {
  const { violations } = await axe.run(document.body, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false }, "page-has-heading-one": { enabled: true } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

const screen = () => byTestId(ids.screen).dataset["screen"];

async function confirmed(user: Opened["user"]): Promise<void> {
  await user.click(byTestId(ids.next));
  await settled();
  await user.type(byTestId(ids.word), "delete");
  await user.click(byTestId(ids.confirm));
  await settled();
}

describe("the end of an account", () => {
  it.each(Object.keys(deletionSituations))("has no accessibility fault in the situation “%s”", async (name) => {
    await ending(name);
    expect(await faults()).toEqual([]);
  });

  const stages: [string, string][] = [
    ["free", "weigh"],
    ["cancelled", "weigh"],
    ["failed", "weigh"],
    ["confirmed", "prove"],
    ["asking", "prove"],
    ["coolingOff", "wait"],
    ["cancelling", "wait"],
    ["finalising", "finalise"],
    ["deleted", "receipt"],
    ["unproven", "receipt"],
    ["wiping", "clean"],
    ["wiped", "clean"],
    ["signedOut", "wait"],
    ["receiptOutOfReach", "receipt"],
    ["askedAbout", "clean"],
  ];
  it.each(stages)("at the stage “%s” shows the page “%s”", async (name, page) => {
    await ending(name);
    expect(screen()).toBe(page);
    const step = { weigh: "weigh", prove: "prove", wait: "wait", finalise: "delete", clean: null, receipt: null }[page];
    if (step) expect(byTestId(ids.step(step)).getAttribute("aria-current")).toBe("step");
  });

  it("goes from weighing over the word and the code to the wait, and back with one press", async () => {
    const { user, program } = await ending("free");
    await user.click(byTestId(ids.next));
    await settled();
    expect(screen()).toBe("confirm");
    expect(await faults()).toEqual([]);
    expect(program.calls).not.toContain("beginDeletion");
    await user.type(byTestId(ids.word), "delete");
    await user.click(byTestId(ids.confirm));
    await settled();
    expect(screen()).toBe("prove");
    await user.click(byTestId(exportTestids.sendCode));
    await settled();
    await user.click(byTestId(exportTestids.useCode));
    expect(byTestId(exportTestids.confirm).textContent).toContain("Delete my account");
    await user.click(byTestId(exportTestids.confirm));
    await settled();
    expect(screen()).toBe("wait");
    await user.click(byTestId(ids.keep));
    await settled();
    expect(program.calls).toContain("cancelDeletion");
    expect(screen()).toBe("weigh");
    expect(byTestId(ids.ended).textContent).toContain("Your account stays");
  });

  it("never lets Enter do what can't be taken back", async () => {
    const { user, program } = await ending("free");
    await user.click(byTestId(ids.next));
    await settled();
    await user.type(byTestId(ids.word), "DELETE{Enter}");
    await settled();
    expect(program.calls).not.toContain("beginDeletion");
    await user.click(byTestId(ids.confirm));
    await settled();
    await user.click(byTestId(exportTestids.sendCode));
    await settled();
    await user.type(byTestId(exportTestids.code), "482913{Enter}");
    await settled();
    expect(program.calls).not.toContain("giveDeletionCode");
    expect(document.activeElement).toBe(byTestId(exportTestids.code));
    await user.tab();
    expect(document.activeElement).toBe(byTestId(exportTestids.confirm));
    await user.keyboard("{Enter}");
    await settled();
    expect(program.calls).toContain("giveDeletionCode");
  });

  it.each(["free", "confirmed", "coolingOff"])("has “Keep my account” as the first of its buttons: %s", async (name) => {
    await ending(name);
    const keep = byTestId(ids.keep);
    expect(keep.textContent).toContain("Keep my account");
    expect(keep.classList.contains("primary")).toBe(true);
    for (const danger of document.querySelectorAll(".button.danger")) {
      expect(danger.classList.contains("primary")).toBe(false);
      expect(danger.getAttribute("type")).toBe("button");
    }
  });

  it("goes nowhere while an Organization has nobody else, and says why", async () => {
    const { user } = await ending("blocked");
    expect(byTestId(ids.next).getAttribute("aria-disabled")).toBe("true");
    await user.click(byTestId(ids.next));
    await settled();
    expect(screen()).toBe("weigh");
    expect(document.activeElement).toBe(byTestId(ids.blocked));
    expect(byTestId(ids.blocked).textContent).toContain("Allotment 12");
  });

  it("hands an Organization over to a member by name, after a question, and goes on then", async () => {
    const { user, program } = await ending("blocked");
    await user.click(byTestId(ids.transfer("o1")));
    expect(program.calls).not.toContain("transferOrganization");
    expect(document.activeElement).toBe(byTestId(ids.successor("o1")));
    await user.selectOptions(byTestId(ids.successor("o1")), "m2");
    await user.click(byTestId(ids.transfer("o1")));
    await settled();
    expect(byTestId("confirm").textContent).toContain("Chidi Okafor");
    await user.click(byTestId(ids.confirmAct));
    await settled();
    expect(program.calls).toContain("transferOrganization");
    expect(isThere(ids.blocker("o1"))).toBe(false);
    expect(byTestId(ids.next).getAttribute("aria-disabled")).toBe("false");
  });

  it("asks before an Organization ends for everybody, and Escape means no", async () => {
    const { user, program } = await ending("blocked");
    await user.click(byTestId(ids.disband("o1")));
    await settled();
    expect(byTestId("confirm").textContent).toContain("can't be undone");
    await user.keyboard("{Escape}");
    await settled();
    expect(program.calls).not.toContain("disbandOrganization");
  });

  it("leaves Organizations, takes apps back, and leads to letters and a copy", async () => {
    const { user, app } = await ending("free");
    await user.click(byTestId(ids.leave("o2")));
    await settled();
    await user.click(byTestId(ids.confirmAct));
    await settled();
    expect(isThere(ids.organization("o2"))).toBe(false);
    await user.click(byTestId(ids.revoke("a1")));
    await settled();
    expect(isThere(ids.app("a1"))).toBe(false);
    await user.click(byTestId(ids.letter("o3")));
    await settled();
    expect(app.router.place).toBe("requests");
    expect(isThere(requestTestids.form)).toBe(true);
  });

  it("says what an ended membership means", async () => {
    await ending("free");
    const says = byTestId(ids.organization("o3")).textContent ?? "";
    expect(says).toContain("Corner Café ended your membership on 31 August 2026.");
    expect(says).toContain("What Corner Café controlled is gone from your account. The account itself stays yours");
    expect(isThere(ids.leave("o3"))).toBe(false);
  });

  it("says what is deleted, anonymous and kept, and why, with a word beside each sign", async () => {
    await ending("free");
    expect(byTestId(ids.fate("messages")).textContent).toContain("Deleted");
    expect(byTestId(ids.fate("consents")).textContent).toMatch(/disputes and agreements.*Anonymous/s);
    expect(byTestId(ids.fate("bills")).textContent).toMatch(/because a law asks for it.*Kept/s);
    expect(byTestId(ids.fate("docs")).textContent).toContain("its own decision");
  });

  it("names no number of days but the service's own", async () => {
    await ending("free");
    const text = byTestId(ids.screen).textContent ?? "";
    expect([...text.matchAll(/\b(\d+) days?\b/g)].map(([found]) => found)).toEqual(["30 days"]);
  });

  it("says so where there is no time to change one's mind", async () => {
    await ending("atOnce");
    expect(byTestId(ids.screen).textContent).toContain("deleted at once");
  });

  it("keeps what was chosen when the word is missing", async () => {
    const { user, program } = await ending("free");
    await user.click(byTestId(ids.next));
    await settled();
    await user.click(byTestId(ids.offer("cookies")));
    await user.click(byTestId(ids.reason("privacy")));
    await user.type(byTestId(ids.word), "yes");
    await user.click(byTestId(ids.confirm));
    await settled();
    expect(byTestId(ids.problem).textContent).toContain("Type DELETE first");
    expect(document.activeElement).toBe(byTestId(ids.word));
    expect(byTestId(ids.offer("cookies")).getAttribute("aria-checked")).toBe("true");
    expect((byTestId(ids.reason("privacy")) as HTMLInputElement).checked).toBe(true);
    expect(program.calls).toContain("beginDeletion");
  });

  it("has nothing offered chosen beforehand, and the word works from an input method", async () => {
    const { user } = await ending("free");
    await user.click(byTestId(ids.next));
    await settled();
    for (const which of ["cookies", "permissions", "folder"] as const) {
      expect(byTestId(ids.offer(which)).getAttribute("aria-checked")).toBe("false");
    }
    const word = byTestId(ids.word) as HTMLInputElement;
    word.dispatchEvent(new CompositionEvent("compositionstart"));
    word.value = "delete";
    word.dispatchEvent(new InputEvent("input", { isComposing: true, bubbles: true }));
    word.dispatchEvent(new CompositionEvent("compositionend", { data: "delete" }));
    await user.click(byTestId(ids.confirm));
    await settled();
    expect(screen()).toBe("prove");
  });

  it("says that a code was wrong, and takes another", async () => {
    const { user } = await ending("free");
    await confirmed(user);
    await user.click(byTestId(exportTestids.sendCode));
    await settled();
    await user.type(byTestId(exportTestids.code), "000000");
    await user.click(byTestId(exportTestids.confirm));
    await settled();
    expect(screen()).toBe("prove");
    expect(byTestId(ids.problem).textContent).toContain("wrong");
    await user.clear(byTestId(exportTestids.code));
    await user.type(byTestId(exportTestids.code), "482913");
    await user.click(byTestId(exportTestids.confirm));
    await settled();
    expect(screen()).toBe("wait");
  });

  it("keeps the account with one press while the request is on its way", async () => {
    const { user, program } = await ending("asking");
    await user.click(byTestId(ids.keep));
    await settled();
    expect(program.calls).toContain("cancelDeletion");
    expect(screen()).not.toBe("prove");
  });

  it("doesn't say that the account will be deleted while it is kept", async () => {
    await ending("cancelling");
    expect(document.querySelector("h1")?.textContent).toBe(m.deletion.wait.keeping);
  });

  it("counts down by what the service said, and asks it at the end", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"], shouldAdvanceTime: false });
    try {
      const { program } = await ending("lastMinute");
      expect(byTestId(ids.left).textContent).toContain("42 seconds");
      vi.advanceTimersByTime(2_000);
      await settled();
      expect(byTestId(ids.left).textContent).toContain("40 seconds");
      vi.advanceTimersByTime(60_000);
      await settled();
      expect(program.calls).toContain("lookAtDeletion");
    } finally {
      vi.useRealTimers();
    }
  });

  it("shows no time left before the service has said it", async () => {
    await ending("coolingOffElsewhere");
    expect(byTestId(ids.left).textContent).toContain("Not known");
    expect(byTestId(ids.screen).textContent).toContain("another device");
  });

  it("stays where it is when it is too late to keep the account, and says so", async () => {
    const { user, program } = await ending("coolingOff");
    program.refuse("cancelDeletion", "deletion-final", "It is too late to keep this account.");
    await user.click(byTestId(ids.keep));
    await settled();
    expect(byTestId(ids.problem).textContent).toContain("too late");
    expect(screen()).toBe("wait");
  });

  it("follows what becomes of it without being asked", async () => {
    const { program } = await ending("coolingOff");
    program.pushDeletion((now) => ({ ...now, standing: standing("finalising", "It goes.", { progress: { done: 2, of: 7 } }) }));
    await settled();
    expect(screen()).toBe("finalise");
    expect(byTestId(ids.progress).textContent).toContain("2 of 7");
  });

  it("shows the receipt and how to check it without this program", async () => {
    await ending("deleted");
    expect(byTestId(ids.receipt).textContent).toContain("dingtalk-account-deleted.jws");
    expect(byTestId(ids.screen).textContent).toContain("jwks.json");
  });

  it("removes nothing here before the receipt is proved, unless one says so", async () => {
    const { user, program } = await ending("unproven");
    expect(byTestId(ids.wipe).textContent).toContain("without proof");
    await user.click(byTestId(ids.retryReceipt));
    await settled();
    expect(program.calls).toContain("retryReceipt");
    expect(program.calls).not.toContain("wipeHere");
  });

  it("offers another place when the receipt can't be kept", async () => {
    const { user, program } = await ending("noPlace");
    await user.type(byTestId(ids.receiptPlace), "/media/stick/receipt.jws");
    expect(byTestId(ids.goOn).textContent).toContain("Use this place");
    await user.click(byTestId(ids.goOn));
    await settled();
    expect(program.calls).toContain("resumeDeletion");
  });

  it("says what is stuck, and leaves what was offered when told to", async () => {
    const { user } = await ending("wiping");
    expect(byTestId(ids.wipeStep("cookies")).textContent).toContain("Firefox is open");
    expect(isThere(ids.wipeLeave("database"))).toBe(false);
    await user.click(byTestId(ids.wipeLeave("cookies")));
    await settled();
    expect(byTestId(ids.wipeStep("cookies")).textContent).toContain("Left as it is");
  });

  it("asks before notes go that may be another account's too", async () => {
    const { user, program } = await ending("askedAbout");
    expect(isThere(ids.wipeLeave("damaged-notes"))).toBe(true);
    await user.click(byTestId(ids.wipeRemove("damaged-notes")));
    await settled();
    expect(program.calls).toContain("removeWipeStep");
    expect(byTestId(ids.wipeStep("damaged-notes")).textContent).toContain("Removed");
  });

  it.each(["signedOut", "receiptOutOfReach"])("leads out where nobody may be left to sign in, claiming no proof: %s", async (name) => {
    const { user, program } = await ending(name);
    expect(document.querySelectorAll(`[data-testid="${ids.wipe}"]`).length).toBe(1);
    expect(byTestId(ids.wipe).textContent).toContain("without proof");
    expect(byTestId(ids.screen).textContent).not.toContain("Your account is deleted");
    await user.click(byTestId(ids.wipe));
    await settled();
    expect(program.calls).toContain("wipeHere");
    expect(screen()).toBe("clean");
  });

  it("says when it is about another account than the one that is signed in", async () => {
    await ending("ofAnother");
    expect(byTestId(ids.anothers).textContent).toContain("0198a2b4-0000-7000-8000-000000000001");
  });

  it("offers nothing of the person's own with the made-up account", async () => {
    const none = { ...deletionSituations["free"]!() };
    none.preflight = { ...none.preflight, here: { ...none.preflight.here, browserProfiles: 0, flatpak: false, flatpakFolder: false } };
    const { user } = await open(signedIn(), "deletion", usual(), undefined, { deletion: none });
    await user.click(byTestId(ids.next));
    await settled();
    for (const which of ["cookies", "permissions", "folder"] as const) expect(isThere(ids.offer(which))).toBe(false);
  });

  it("is shown to its end even though everything that was known is gone", async () => {
    const view = { ...signedIn(), firstStart: true, wiping: true };
    const { user } = await ending("wiped", view);
    expect(screen()).toBe("clean");
    await user.click(byTestId(ids.wipeDone));
    await settled();
    expect(isThere("onboarding")).toBe(true);
  });
});

describe("elsewhere in the window", () => {
  it("a standing message leads to where the account can be kept", async () => {
    const notice = { code: "deletion", message: "Your account will be deleted. You can still keep it.", file: null, dismissible: false };
    const { user } = await open({ ...signedIn(), notices: [notice] }, "overview", usual(), undefined, { deletion: deletionSituations["coolingOff"]!() });
    await user.click(byTestId("notice-deletion-see"));
    await settled();
    expect(screen()).toBe("wait");
  });

  it("what can't be asked of the service is said above what was seen before", async () => {
    const { user, program, app } = await ending("free");
    program.refuse("deletionPreflight", "service-unreachable", "The service can't be reached.");
    app.router.go("account");
    await settled();
    app.router.go("deletion");
    await settled();
    expect(byTestId(ids.failure).textContent).toContain("can't be reached");
    await user.click(byTestId(ids.failure).querySelector("button")!);
    await settled();
    expect(isThere(ids.failure)).toBe(false);
  });
});

describe("without a service", () => {
  it("the page is a checklist for DingTalk's own app, with letters", async () => {
    const { user, app } = await ending("free", situations["noAccount"]!());
    expect(screen()).toBe("by-mail");
    expect(byTestId(ids.byMail).textContent).toContain("Me – Settings – Security Center – Account settings – Delete DingTalk Account");
    expect(await faults()).toEqual([]);
    await user.click(byTestId(ids.byMailTick("copy")));
    expect((byTestId(ids.byMailTick("copy")) as HTMLInputElement).checked).toBe(true);
    await user.click(byTestId(ids.byMailLetter));
    await settled();
    expect(app.router.place).toBe("requests");
    await user.selectOptions(byTestId(requestTestids.place), "eea");
    expect(byTestId(requestTestids.right("end-account")).getAttribute("aria-checked")).toBe("true");
  });

  it("an account inside this program has both ways", async () => {
    const view = signedIn();
    await ending("free", { ...view, account: { ...view.account, place: "embedded", sample: false } });
    expect(screen()).toBe("weigh");
    expect(isThere(ids.byMail)).toBe(true);
  });
});
