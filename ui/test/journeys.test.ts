import { describe, expect, it, vi } from "vitest";

import { situations } from "../src/dev/fixtures";
import { byTestId, isThere, open, settled } from "./window";

const flatpak = situations["flatpak"]!;
const firstStart = situations["firstStart"]!;

describe("a permission's switch", () => {
  it("is denied without a question when nothing goes with it, and undone from the message", async () => {
    const { user, program } = await open(flatpak(), "permissions");
    await user.click(byTestId("perm-files-switch"));
    await settled();
    expect(isThere("confirm")).toBe(false);
    expect(byTestId("perm-files-state").dataset["state"]).toBe("denied");
    expect(byTestId("perm-files-switch").getAttribute("aria-checked")).toBe("false");
    await user.click(byTestId("toast-undo"));
    await settled();
    expect(program.calls).toContain("undo");
  });

  it("asks first when more goes with it, and changes nothing when that is cancelled", async () => {
    const { user, program } = await open(flatpak(), "permissions");
    await user.click(byTestId("perm-microphone-switch"));
    await settled();
    expect(byTestId("confirm").getAttribute("role")).toBe("alertdialog");
    expect(byTestId("confirm").textContent).toContain("sound goes off too");
    await user.click(byTestId("confirm-cancel"));
    await settled();
    expect(program.calls).not.toContain("setPermission");
    expect(byTestId("perm-microphone-switch").getAttribute("aria-checked")).toBe("true");

    await user.click(byTestId("perm-microphone-switch"));
    await settled();
    await user.click(byTestId("confirm-deny"));
    await settled();
    expect(byTestId("perm-microphone-state").dataset["state"]).toBe("denied");
  });

  it("is asked about with Escape for no", async () => {
    const { user, program } = await open(flatpak(), "permissions");
    await user.click(byTestId("perm-camera-switch"));
    await settled();
    await user.keyboard("{Escape}");
    await settled();
    expect(isThere("confirm")).toBe(false);
    expect(program.calls).not.toContain("setPermission");
  });

  it("goes back when the program refuses, and the row says why", async () => {
    const { user, program } = await open(flatpak(), "permissions");
    program.refuse("setPermission", "read-only", "Your home folder can't be written to.");
    await user.click(byTestId("perm-files-switch"));
    await settled();
    expect(byTestId("perm-files-switch").getAttribute("aria-checked")).toBe("true");
    expect(byTestId("perm-files-problem").textContent).toContain("can't be written to");
  });

  it("shows a change that another program makes", async () => {
    const { program } = await open(flatpak(), "permissions");
    program.push((view) => ({
      ...view,
      device: {
        ...view.device,
        permissions: view.device.permissions.map((each) => (each.id === "camera" ? { ...each, state: "denied" } : each)),
      },
    }));
    await settled();
    expect(byTestId("perm-camera-switch").getAttribute("aria-checked")).toBe("false");
  });
});

describe("marketing", () => {
  it("stops with one click, and comes back with one", async () => {
    const { user, app } = await open(flatpak(), "marketing");
    const on = () => app.store.view!.consents.filter(({ group, granted }) => group === "marketing" && granted).map(({ id }) => id);
    const before = on();
    expect(before.length).toBeGreaterThan(1);
    await user.click(byTestId("marketing-stop-all"));
    await settled();
    expect(on()).toEqual([]);
    await user.click(byTestId("toast-undo"));
    await settled();
    expect(on()).toEqual(before);
  });
});

describe("the first screen", () => {
  it("has nothing chosen, and can be skipped", async () => {
    const { user, app } = await open(firstStart());
    expect(document.querySelectorAll("[role=radio][aria-checked=true]")).toHaveLength(0);
    await user.click(byTestId("onboarding-skip"));
    await settled();
    expect(isThere("onboarding")).toBe(false);
    expect(app.store.view?.account.place).toBe("none");
    expect(isThere("page-permissions")).toBe(true);
  });

  it("says what is missing when nothing is chosen", async () => {
    const { user } = await open(firstStart());
    await user.click(byTestId("onboarding-continue"));
    await settled();
    expect(byTestId("onboarding-problem").getAttribute("role")).toBe("alert");
  });

  it("says at the field that an address isn't secure, and puts the focus there", async () => {
    const { user } = await open(firstStart());
    await user.click(byTestId("onboarding-service"));
    await user.type(byTestId("onboarding-address"), "http://example.org");
    await user.click(byTestId("onboarding-continue"));
    await settled();
    const field = byTestId("onboarding-address");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent).toContain("https://");
    expect(document.activeElement).toBe(field);
  });

  it("leads to the sample account", async () => {
    const { user, app } = await open(firstStart());
    await user.click(byTestId("onboarding-sample"));
    await user.click(byTestId("onboarding-continue"));
    await settled();
    expect(app.store.view?.account.sample).toBe(true);
  });

  it("leaves whoever went elsewhere in the meantime where they are", async () => {
    const { user, app } = await open(firstStart());
    const choose = app.backend.chooseAccount;
    vi.spyOn(app.backend, "chooseAccount").mockImplementation(async (...chosen) => {
      await choose(...chosen);
      app.router.go("about");
    });
    await user.click(byTestId("onboarding-sample"));
    await user.click(byTestId("onboarding-continue"));
    await settled();
    expect(isThere("page-about")).toBe(true);
  });

  it("leads to signing in, where a wrong code is said at the field", async () => {
    const { user, app } = await open(firstStart());
    await user.click(byTestId("onboarding-embedded"));
    await user.click(byTestId("onboarding-continue"));
    await settled();
    await user.type(byTestId("account-identifier"), "ada@example.org{Enter}");
    await settled();
    await user.type(byTestId("account-code"), "111111{Enter}");
    await settled();
    expect(byTestId("account-code").getAttribute("aria-invalid")).toBe("true");
    expect(byTestId("account-problem").textContent).toContain("4 more tries");
    await user.click(byTestId("account-use-code"));
    await user.click(byTestId("account-sign-in"));
    await settled();
    expect(app.store.view?.account.status).toBe("signed-in");
    await user.click(byTestId("account-sign-out"));
    await settled();
    expect(app.store.view?.account.status).toBe("signed-out");
  });
});
