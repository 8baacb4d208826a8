import { render } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, describe, expect, it, vi } from "vitest";

import { madeUp } from "../src/dev/backend";
import { browserSituations, chrome, firefox, usual } from "../src/dev/browsers";
import { situations } from "../src/dev/fixtures";
import { APP, App } from "../src/lib/app.svelte";
import type { BrowsersView, ClearChoice } from "../src/lib/bindings";
import { Browsers, everything } from "../src/lib/browsers.svelte";
import Looking from "../src/lib/components/Looking.svelte";
import { Refusal, type Backend } from "../src/lib/ipc";
import { testids } from "../src/lib/testids";
import { byTestId, isThere, open, settled, type Opened } from "./window";

const flatpak = situations["flatpak"]!;
const situation = (name: string) => browserSituations[name]!();

function cookies(browsers?: BrowsersView): Promise<Opened> {
  return open(flatpak(), "cookies", browsers);
}

async function press({ user }: Opened, ...names: string[]): Promise<void> {
  for (const name of names) {
    await user.click(byTestId(name));
    await settled();
  }
}

const chromeSite = testids.site("chrome-1", "dingtalk.com");

describe("what the browsers keep", () => {
  it("is looked at when a screen that shows it opens, and when asked for", async () => {
    const opened = await cookies();
    const looks = () => opened.program.calls.filter((call) => call === "lookAtBrowsers").length;
    expect(looks()).toBe(1);
    await press(opened, testids.browsersLookAgain);
    expect(looks()).toBe(2);
    opened.app.router.go("permissions");
    await settled();
    expect(looks()).toBe(3);
  });

  it("isn't asked for where nothing shows it", async () => {
    const { program } = await open(flatpak(), "marketing");
    program.push((view) => view);
    await settled();
    expect(program.calls).not.toContain("browsers");
  });

  it("is shown anew when the program tells of news", async () => {
    const { program } = await cookies(situation("none"));
    expect(isThere(testids.browsersNone)).toBe(true);
    program.pushBrowsers(() => usual());
    await settled();
    expect(isThere(testids.browsersNone)).toBe(false);
    expect(byTestId(testids.browserProfile("firefox-1")).dataset["running"]).toBe("yes");
  });

  it("says so when a profile can't be read, and shows the others", async () => {
    await cookies(situation("problems"));
    expect(byTestId(testids.browserProblem("firefox-1", "newer-schema")).textContent).toContain("nothing in it is touched");
    expect(isThere(testids.site("chrome-1", "dingtalk.com"))).toBe(true);
  });

  it("isn't called nothing while something couldn't be read", async () => {
    await cookies(situation("empty"));
    expect(isThere(testids.browsersEmpty)).toBe(true);
    document.body.replaceChildren();
    const unread = { ...situation("empty"), problems: situation("problems").problems };
    await cookies(unread);
    expect(isThere(testids.browsersEmpty)).toBe(false);
  });

  it("can be had again when it couldn't", async () => {
    const opened = await open(flatpak());
    opened.program.refuse("lookAtBrowsers", "busy", "Your browsers are being looked at by another program.");
    opened.app.router.go("cookies");
    await settled();
    expect(byTestId(testids.browsersFailure).textContent).toContain("another program");
    await press(opened, testids.browsersLookAgain);
    expect(isThere(testids.browsersFailure)).toBe(false);
  });

  it("says what came back, and where", async () => {
    await cookies(situation("cameBack"));
    expect(byTestId(testids.browsersReports).textContent).toContain("Firefox, default-release: 3 cookies came back since Tuesday.");
  });

  it("leads to the browser's own page where this program can't reach", async () => {
    const opened = await cookies(situation("safari"));
    expect(isThere(testids.browsersNone)).toBe(false);
    await press(opened, testids.browsersOpenPage("Safari"));
    expect(opened.program.calls).toContain("openBrowserPage");
  });
});

describe("many cookies", () => {
  const shown = () => document.querySelectorAll(`[data-testid=${testids.storedItem}]`).length;
  const unfold = [`${testids.site("firefox-1", "dingtalk.com")}-details`, testids.storedToggle("firefox-1", "dingtalk.com", "cookie")];
  const more = testids.storedMore("firefox-1", "dingtalk.com", "cookie");

  it("are made when they are unfolded, and of a thousand the first fifty", async () => {
    const opened = await cookies(situation("many"));
    expect(shown()).toBe(0);
    await press(opened, ...unfold);
    expect(shown()).toBe(50);
    expect(byTestId(more).textContent).toContain("Show all 1,000");
  });

  it("are all shown when asked for, with the focus on the first new one", async () => {
    const all = situation("many");
    const kept = all.profiles[0]!.sites[0]!.kinds[0]!;
    Object.assign(kept, { count: 120, items: kept.items.slice(0, 120) });
    const opened = await cookies(all);
    await press(opened, ...unfold);
    byTestId(more).click();
    await vi.waitFor(() => expect(shown()).toBe(120), 20_000);
    expect(isThere(more)).toBe(false);
    expect(document.activeElement?.textContent).toContain("visit_0050");
  });
});

describe("clearing", () => {
  const unfold = [`${chromeSite}-details`, testids.storedToggle("chrome-1", "dingtalk.com", "cookie")];
  const acw = "cookie:www.dingtalk.com/:acw_tc";
  const levels: [string, string, Partial<ClearChoice>][] = [
    ["everything", testids.clearAll, {}],
    ["a profile", testids.browserProfileClear("chrome-1"), { profile: "chrome-1" }],
    ["a site", testids.siteClear("chrome-1", "dingtalk.com"), { profile: "chrome-1", site: "dingtalk.com" }],
    ["a kind", testids.storedClear("chrome-1", "dingtalk.com", "cookie"), { profile: "chrome-1", site: "dingtalk.com", kind: "cookie" }],
    ["one cookie", testids.storedItemClear(acw), { profile: "chrome-1", site: "dingtalk.com", kind: "cookie", item: acw }],
    ["the statistics cookies", testids.statisticsClear, { kind: "cookie", purpose: "statistics" }],
  ];

  it.each(levels)("%s asks about that, and does that", async (_, button, choice) => {
    const opened = await cookies();
    const preview = vi.spyOn(opened.program, "previewClear");
    const clear = vi.spyOn(opened.program, "clearBrowsers");
    await press(opened, ...unfold, button);
    expect(preview.mock.calls).toEqual([[{ ...everything, ...choice }]]);
    expect(clear).not.toHaveBeenCalled();
    await press(opened, testids.clearAct);
    expect(clear.mock.calls).toEqual([[{ ...everything, ...choice }]]);
  });

  it("says first what is lost and what stays, and isn't one Enter away", async () => {
    const opened = await cookies();
    await press(opened, testids.siteClear("chrome-1", "dingtalk.com"));
    const dialog = byTestId(testids.clearDialog);
    expect(dialog.getAttribute("role")).toBe("alertdialog");
    expect(dialog.textContent).toContain("2 things go, 2.3 MB.");
    expect(dialog.textContent).toContain("You are signed out");
    expect(dialog.textContent).toContain("Your history");
    expect(dialog.contains(document.activeElement)).toBe(true);
    await opened.user.keyboard("{Enter}");
    await settled();
    expect(opened.program.calls).not.toContain("clearBrowsers");
  });

  it("leaves history, tabs and copies of pages unless each is asked for, and says anew what stays", async () => {
    const opened = await cookies();
    const [preview, clear] = [vi.spyOn(opened.program, "previewClear"), vi.spyOn(opened.program, "clearBrowsers")];
    await press(opened, testids.clearAll);
    const says = () => byTestId(testids.clearDialog).textContent;
    for (const place of ["history", "session-restore", "http-cache"] as const) {
      expect(byTestId(testids.clearElsewhere(place)).getAttribute("aria-checked")).toBe("false");
    }
    expect(says()).toContain("Your history goes on naming");
    await press(opened, testids.clearElsewhere("history"));
    expect(says()).not.toContain("Your history goes on naming");
    expect(says()).toContain("Copies of pages in the browser's cache stay.");
    await press(opened, testids.clearElsewhere("http-cache"), testids.clearElsewhere("history"));
    expect(says()).toContain("Your history goes on naming");
    expect(says()).not.toContain("Copies of pages in the browser's cache stay.");
    await press(opened, testids.clearAct);
    expect(preview.mock.calls.map(([{ elsewhere }]) => elsewhere)).toEqual([[], ["history"], ["history", "http-cache"], ["http-cache"]]);
    expect(clear.mock.calls[0]![0].elsewhere).toEqual(["http-cache"]);
  });

  it("offers only what is there, and says of each what goes", async () => {
    const opened = await cookies();
    await press(opened, testids.siteClear("chrome-1", "dingtalk.com"));
    expect(isThere(testids.clearElsewhere("session-restore"))).toBe(false);
    const history = byTestId(testids.clearElsewhere("history")).closest("li");
    expect(history?.textContent).toContain("Pages you visited");
    expect(byTestId(testids.clearElsewhere("http-cache")).closest("li")?.textContent).toContain("No backup");
  });

  it("doesn't carry the wish for more over to the next question", async () => {
    const opened = await cookies();
    await press(opened, testids.siteClear("chrome-1", "dingtalk.com"), testids.clearElsewhere("history"), testids.clearCancel);
    await press(opened, testids.browserProfileClear("chrome-1"));
    expect(byTestId(testids.clearElsewhere("history")).getAttribute("aria-checked")).toBe("false");
  });

  it("of one cookie never offers to take history with it", async () => {
    const opened = await cookies();
    await press(opened, ...unfold, testids.storedItemClear(acw));
    expect(isThere(testids.clearElsewhere("history"))).toBe(false);
  });

  it("changes nothing on Escape", async () => {
    const opened = await cookies();
    await press(opened, testids.clearAll);
    await opened.user.keyboard("{Escape}");
    await settled();
    expect(isThere(testids.clearDialog)).toBe(false);
    expect(opened.program.calls).not.toContain("clearBrowsers");
  });

  it("shows what is left, can be undone from the message, and the focus isn't lost", async () => {
    const opened = await cookies();
    await press(opened, testids.browserProfileClear("chrome-1"), testids.clearElsewhere("history"), testids.clearElsewhere("http-cache"), testids.clearAct);
    expect(isThere(testids.clearDialog)).toBe(false);
    expect(isThere(testids.browserProfileClear("chrome-1"))).toBe(false);
    expect(byTestId(testids.browserProfile("chrome-1")).textContent).toContain("Nothing kept here");
    expect(document.activeElement?.textContent).toContain("Google Chrome");
    await press(opened, testids.toastUndo);
    expect(opened.program.calls).toContain("undo");
  });

  it("says which browser to close, waits for it, and can be called off", async () => {
    const opened = await cookies();
    await press(opened, testids.browserProfileClear("firefox-1"));
    expect(byTestId(testids.clearDialog).textContent).toContain("Close Firefox first");
    expect(byTestId(testids.clearAct).textContent?.trim()).toBe("Clear once closed");
    await press(opened, testids.clearAct);
    expect(byTestId(testids.clearWaiting).textContent).toContain("Close Firefox to go on");
    await press(opened, testids.clearWaitingCancel);
    expect(isThere(testids.clearWaiting)).toBe(false);
    expect(opened.program.calls).toContain("cancelWaiting");
  });

  it("that is refused says why, and what it would take now", async () => {
    const opened = await cookies();
    await press(opened, testids.siteClear("chrome-1", "dingtalk.com"));
    opened.program.refuse("clearBrowsers", "browser-opened", "Google Chrome was opened since. Nothing is cleared.");
    opened.program.pushBrowsers((view) => ({ ...view, profiles: [firefox(), { ...chrome(), running: "yes" }] }));
    await press(opened, testids.clearAct);
    expect(byTestId(testids.clearProblem).textContent).toContain("Nothing is cleared");
    expect(byTestId(testids.clearDialog).textContent).toContain("Close Google Chrome first");
  });

  it("can't be done before it is known what it takes", async () => {
    const opened = await cookies();
    opened.program.refuse("previewClear", "unreadable", "The profile can't be read.");
    await press(opened, testids.clearAll);
    expect(byTestId(testids.clearProblem).textContent).toContain("can't be read");
    await press(opened, testids.clearAct);
    expect(opened.program.calls).not.toContain("clearBrowsers");
  });

  it("is put back from a backup after a question", async () => {
    const opened = await cookies(situation("backups"));
    await press(opened, testids.backupRestore("b2"));
    expect(byTestId(testids.confirm).textContent).toContain("stays as it is");
    expect(opened.program.calls).not.toContain("restoreBackup");
    await press(opened, testids.restoreAct);
    expect(opened.program.calls).toContain("restoreBackup");
    expect(isThere(testids.backup("b2"))).toBe(false);
  });

  it("that can't be put back says why, at the backup", async () => {
    const opened = await cookies(situation("backups"));
    opened.program.refuse("restoreBackup", "browser-running", "Firefox is open. Close it, then try again.");
    await press(opened, testids.backupRestore("b2"), testids.restoreAct);
    expect(byTestId(testids.backupProblem("b2")).textContent).toContain("Close it");
  });
});

describe("refusing a site", () => {
  const refuse = testids.siteRefuse("firefox-1", "dingtalk.com");
  const refused = () => byTestId(testids.siteRefused("firefox-1", "dingtalk.com")).dataset["refused"];

  it("is the browser's own rule, says so, and is undone from the message", async () => {
    const opened = await cookies();
    await press(opened, `${testids.site("firefox-1", "dingtalk.com")}-details`);
    expect(byTestId(`${testids.site("firefox-1", "dingtalk.com")}-panel`).textContent).toContain("Firefox's own rule");
    await press(opened, refuse);
    expect(refused()).toBe("yes");
    expect(byTestId(refuse).getAttribute("aria-checked")).toBe("true");
    await press(opened, testids.toastUndo);
    expect(opened.program.calls).toContain("undo");
  });

  it("goes back when the program refuses, and the site says why", async () => {
    const opened = await cookies();
    opened.program.refuse("refuseSite", "browser-running", "Firefox is open. Close it first.");
    await press(opened, `${testids.site("firefox-1", "dingtalk.com")}-details`, refuse);
    expect(refused()).toBe("no");
    expect(byTestId(testids.siteProblem("firefox-1", "dingtalk.com")).textContent).toContain("Close it first");
  });

  it("has no switch where a policy decides, or where it couldn't be found out", async () => {
    await cookies(situation("problems"));
    expect(isThere(testids.siteRefuse("chrome-1", "aliwork.com"))).toBe(false);
    expect(byTestId(testids.siteRefused("chrome-1", "aliwork.com")).textContent).toContain("By your organization");
    expect(isThere(testids.siteRefuse("firefox-1", "dingtalk.com"))).toBe(false);
    expect(byTestId(testids.siteRefused("firefox-1", "dingtalk.com")).textContent).toContain("Couldn't be checked");
  });
});

describe("denied statistics", () => {
  const granted = (yes: boolean, sync: "synced" | "not-known" = "synced") => {
    const view = flatpak();
    return { ...view, consents: view.consents.map((each) => (each.id === "cookies.statistics" ? { ...each, granted: yes, sync } : each)) };
  };

  it("offer to clear what is there when the switch is moved off, and not before", async () => {
    const opened = await open(granted(true), "cookies");
    expect(isThere(testids.statisticsOffer)).toBe(false);
    await press(opened, testids.consentSwitch("cookies.statistics"));
    expect(byTestId(testids.statisticsOffer).textContent).toContain("2 statistics cookies");
  });

  it("offer nothing where the denial is a default, not a choice", async () => {
    await open(granted(false, "not-known"), "cookies");
    expect(isThere(testids.statisticsOffer)).toBe(false);
  });

  it("offer nothing where no such cookie is", async () => {
    await open(granted(false), "cookies", { ...usual(), profiles: [chrome()] });
    expect(isThere(testids.statisticsOffer)).toBe(false);
  });

  it("put the offer away on Not now", async () => {
    const opened = await open(granted(false), "cookies");
    await press(opened, testids.statisticsNotNow);
    expect(isThere(testids.statisticsOffer)).toBe(false);
  });

  it("say before refusing that a browser can only refuse a whole site", async () => {
    const opened = await open(granted(false), "cookies");
    await press(opened, testids.statisticsRefuse);
    expect(byTestId(testids.confirm).textContent).toContain("only everything a site keeps");
    expect(opened.program.calls).not.toContain("refuseSite");
    await press(opened, testids.statisticsRefuseAct);
    expect(byTestId(testids.siteRefused("firefox-1", "dingtalk.com")).dataset["refused"]).toBe("yes");
    await press(opened, testids.toastUndo);
    expect(opened.program.calls).toContain("undo");
  });
});

describe("what sites may use", () => {
  const of = (permission: string) => testids.sitePermission("firefox-1", "dingtalk.com", permission);
  const deny = testids.sitePermissionSet("firefox-1", "dingtalk.com", "camera", "deny");
  const details = `${testids.site("firefox-1", "dingtalk.com")}-details`;

  it("is shown beside what the app may use, in the same words", async () => {
    await open(flatpak(), "permissions");
    expect(byTestId(of("camera")).dataset["setting"]).toBe("allow");
    expect(byTestId(of("camera")).textContent).toContain("Allowed");
    expect(byTestId(of("notifications")).textContent).toContain("Denied");
    expect(byTestId(of("location")).textContent).toContain("Asks each time");
  });

  it("is set with one press, and shown as it then is", async () => {
    const opened = await open(flatpak(), "permissions");
    const set = vi.spyOn(opened.program, "setSitePermission");
    await press(opened, details, deny);
    expect(set.mock.calls).toEqual([["firefox-1", "dingtalk.com", "camera", "deny"]]);
    expect(byTestId(of("camera")).dataset["setting"]).toBe("deny");
    expect(byTestId(deny).getAttribute("aria-pressed")).toBe("true");
    await press(opened, deny);
    expect(set).toHaveBeenCalledTimes(1);
  });

  it("stays as it is when the program refuses, which is said there", async () => {
    const opened = await open(flatpak(), "permissions");
    opened.program.refuse("setSitePermission", "browser-running", "Firefox is open. Close it first.");
    await press(opened, details, deny);
    expect(byTestId(of("camera")).dataset["setting"]).toBe("allow");
    expect(byTestId(deny).getAttribute("aria-pressed")).toBe("false");
    expect(byTestId(testids.sitePermissionProblem("firefox-1", "dingtalk.com", "camera")).textContent).toContain("Close it first");
  });

  it("has nothing pressed where the site's addresses differ", async () => {
    const [site] = firefox().sites;
    const camera = { permission: "camera", decidedBy: null } as const;
    const permissions = [
      { ...camera, origin: "https://im.dingtalk.com", setting: "allow" as const },
      { ...camera, origin: "https://login.dingtalk.com", setting: "deny" as const },
    ];
    await open(flatpak(), "permissions", { ...usual(), profiles: [{ ...firefox(), sites: [{ ...site!, permissions }] }] });
    expect(byTestId(of("camera")).dataset["setting"]).toBe("differs");
    expect(byTestId(of("camera")).querySelectorAll("[aria-pressed=true]")).toHaveLength(0);
  });
});

describe("a look", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is worth a word only when it takes more than 300 ms", () => {
    vi.useFakeTimers();
    const app = new App(madeUp(flatpak()));
    app.browsers.view = situation("looking");
    render(Looking, { props: { title: "On this computer", id: "here" }, context: new Map([[APP, app]]) });
    flushSync();
    vi.advanceTimersByTime(299);
    flushSync();
    expect(isThere(testids.browsersLooking)).toBe(false);
    expect(document.querySelector("progress")).toBeNull();
    vi.advanceTimersByTime(1);
    flushSync();
    expect(byTestId(testids.browsersLooking).getAttribute("role")).toBe("status");
    expect(document.querySelector("progress")?.value).toBe(2);
    app.browsers.view = usual();
    flushSync();
    expect(isThere(testids.browsersLooking)).toBe(false);
  });
});

describe("the browsers' view", () => {
  const refusal = new Refusal({ code: "x", message: "Not now.", retryable: true });

  it("is fetched once for everything asked in one go, and once more for what was asked since", async () => {
    let answer: (view: BrowsersView) => void = () => undefined;
    const fetch = vi.fn(() => new Promise<BrowsersView>((give) => (answer = give)));
    const browsers = new Browsers({ browsers: fetch } as unknown as Backend);
    const first = browsers.refresh();
    void browsers.refresh();
    await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(1));
    void browsers.refresh();
    answer(situation("none"));
    await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(2));
    answer(usual());
    await first;
    expect(browsers.view?.profiles).toHaveLength(2);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("stays when a newer one can't be had", async () => {
    const fetch = vi.fn().mockResolvedValueOnce(usual()).mockRejectedValueOnce(refusal).mockResolvedValueOnce(usual());
    const browsers = new Browsers({ browsers: fetch } as unknown as Backend);
    await browsers.refresh();
    await browsers.refresh();
    expect(browsers.failure?.message).toBe("Not now.");
    expect(browsers.view?.profiles).toHaveLength(2);
    await browsers.refresh();
    expect(browsers.failure).toBeNull();
  });
});

it("search leads to the browsers by what people call them", async () => {
  const { user } = await open(flatpak());
  await user.type(byTestId("search"), "firefox");
  expect(isThere(testids.searchResult("place-cookies"))).toBe(true);
});
