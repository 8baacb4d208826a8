import axe from "axe-core";
import { tick } from "svelte";
import { describe, expect, it } from "vitest";

import { browserSituations } from "../src/dev/browsers";
import { situations } from "../src/dev/fixtures";
import { places, type Place } from "../src/lib/router.svelte";
import { testids } from "../src/lib/testids";
import { byTestId, isThere, open, settled } from "./window";

/** Everything axe checks, but what needs a rendered page: colours have a test of their own. */
async function faults(): Promise<string[]> {
  const { violations } = await axe.run(document.body, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false }, "page-has-heading-one": { enabled: true } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

/** Where a situation is to be seen; the usual one is looked at everywhere. */
const where: Record<string, readonly Place[]> = {
  flatpak: places,
  firstStart: ["overview"],
  looking: ["overview", "permissions"],
  absent: ["permissions"],
  package: ["permissions"],
  malformed: ["overview", "permissions"],
  offline: ["marketing", "account", "activity"],
  wedged: ["overview", "marketing", "sharing", "activity"],
  signedOut: ["cookies", "account"],
  sampleSignedOut: ["account"],
  locked: ["account"],
  sessionOnly: ["account"],
  noAccount: ["overview", "marketing", "account"],
  quiet: ["marketing", "activity"],
};

for (const [name, situation] of Object.entries(situations)) {
  describe(`in the situation “${name}”`, () => {
    for (const place of where[name] ?? places) {
      it(`${place} has no accessibility fault`, async () => {
        await open(situation(), place);
        expect(await faults()).toEqual([]);
      });
    }
  });
}

/** Unfolds everything that can be: a fault may lie in what isn't seen at first. */
async function unfold(): Promise<void> {
  for (let closed; (closed = document.querySelector<HTMLElement>("main [aria-expanded=false]")); ) {
    closed.click();
    await tick();
  }
}

describe.each(Object.keys(browserSituations).filter((name) => name !== "many"))("with browsers in the situation “%s”", (name) => {
  it("cookies has no accessibility fault", async () => {
    await open(situations["noAccount"]!(), "cookies", browserSituations[name]!());
    expect(await faults()).toEqual([]);
  });
});

it.each([
  ["cookies", "usual"],
  ["cookies", "problems"],
  ["permissions", "usual"],
] as const)("%s, all of it unfolded, has no accessibility fault with browsers in the situation “%s”", async (place, name) => {
  const device = { ...situations["flatpak"]!().device, permissions: [] };
  await open({ ...situations["flatpak"]!(), device }, place, browserSituations[name]!());
  await unfold();
  expect(document.querySelectorAll("main [aria-expanded=true]").length).toBeGreaterThan(3);
  expect(await faults()).toEqual([]);
});

describe("how far the switches reach", () => {
  const words = { sample: "made up", embedded: "DingTalk doesn't see", service: null };
  for (const place of ["overview", "marketing", "cookies", "sharing", "account"] as const) {
    it.each(["sample", "embedded", "service"] as const)(`is said on ${place}: %s`, async (where) => {
      const view = situations["flatpak"]!();
      await open({ ...view, account: { ...view.account, place: where } }, place);
      expect(isThere(testids.reachNote)).toBe(words[where] !== null);
      if (words[where] !== null) expect(byTestId(testids.reachNote).textContent).toContain(words[where]);
    });
  }
});

describe("device permissions", () => {
  it("shows the observed state as a word, and a switch only where one works", async () => {
    await open(situations["flatpak"]!(), "permissions");
    expect(byTestId("perm-camera-state").dataset["state"]).toBe("allowed");
    expect(byTestId("perm-location-state").textContent).toContain("Denied");
    expect(byTestId("perm-camera-switch").getAttribute("role")).toBe("switch");
    expect(isThere("perm-wifi-switch")).toBe(false);
    expect(isThere("perm-photos-switch")).toBe(false);
  });

  it("unfolds without a fault, and says why there is no switch", async () => {
    const { user } = await open(situations["flatpak"]!(), "permissions");
    for (const id of ["camera", "location", "wifi"]) await user.click(byTestId(`perm-${id}-details`));
    expect(byTestId("perm-wifi-panel").textContent).toContain("Taking the network away");
    expect(byTestId("perm-camera-panel").textContent).toContain("devices=all");
    expect(await faults()).toEqual([]);
  });

  it("has no switch at all for a plain package, and says so", async () => {
    await open(situations["package"]!(), "permissions");
    expect(document.querySelectorAll("[role=switch]")).toHaveLength(0);
    expect(byTestId("device-install").dataset["install"]).toBe("package");
  });

  it("offers a copy of an override file that can't be read", async () => {
    const { user, program } = await open(situations["malformed"]!(), "permissions");
    await user.click(byTestId(testids.noticeCopy("override-malformed")));
    await settled();
    expect(program.calls).toContain("copyAside");
    expect(byTestId("toast").textContent).toContain(".copy");
  });
});

describe("a consent", () => {
  it("that waits or was refused says so, and a required one has no switch", async () => {
    await open(situations["offline"]!(), "cookies");
    expect(byTestId("consent-cookies.statistics-sync").dataset["sync"]).toBe("waiting");
    expect(byTestId("consent-cookies.statistics-sync").textContent).toContain("Waiting to be sent");
    expect(isThere("consent-cookies.security-switch")).toBe(false);
  });

  it("that was refused can be sent again or discarded", async () => {
    const { user, program } = await open(situations["wedged"]!(), "sharing");
    await user.click(byTestId("consent-sharing.sdks-retry"));
    await user.click(byTestId("consent-sharing.sdks-discard"));
    expect(program.calls).toContain("retryRefused");
    expect(program.calls).toContain("discardRefused");
  });
});

describe("the window", () => {
  it("says once that it is painted, and takes the frame away that stood there before", async () => {
    const frame = document.body.appendChild(document.createElement("div"));
    frame.id = "opening";
    const { program } = await open(situations["flatpak"]!());
    await new Promise((done) => setTimeout(done, 80));
    program.push((view) => view);
    await new Promise((done) => setTimeout(done, 80));
    expect(program.calls.filter((call) => call === "painted")).toHaveLength(1);
    expect(frame.isConnected).toBe(false);
  });

  it("takes light and dark from the view", async () => {
    const { user } = await open(situations["flatpak"]!(), "about");
    await user.click(byTestId("theme-dark"));
    await settled();
    expect(document.documentElement.dataset["theme"]).toBe("dark");
    await user.click(byTestId("theme-system"));
    await settled();
    expect(document.documentElement.dataset["theme"]).toBeUndefined();
  });
});
