import { describe, expect, it, vi } from "vitest";

import { situations } from "../src/dev/fixtures";
import { Toasts } from "../src/lib/toasts.svelte";
import { byTestId, isThere, open, settled } from "./window";

const flatpak = situations["flatpak"]!;

describe("with the keyboard alone", () => {
  it("a place is opened, and its heading has the focus", async () => {
    const { user } = await open(flatpak());
    byTestId("nav-marketing").focus();
    await user.keyboard("{Enter}");
    await settled();
    expect(document.activeElement?.textContent).toBe("Marketing");
    expect(byTestId("nav-marketing").getAttribute("aria-current")).toBe("page");
  });

  it("Alt+Left goes back", async () => {
    const { user } = await open(flatpak(), "sharing");
    await user.keyboard("{Alt>}{ArrowLeft}{/Alt}");
    await settled();
    expect(isThere("page-overview")).toBe(true);
  });

  it("a switch is moved with Space, and details open with Enter", async () => {
    const { user } = await open(flatpak(), "permissions");
    byTestId("perm-files-details").focus();
    await user.keyboard("{Enter}");
    expect(byTestId("perm-files-details").getAttribute("aria-expanded")).toBe("true");
    await user.tab();
    expect(document.activeElement).toBe(byTestId("perm-files-switch"));
    await user.keyboard(" ");
    await settled();
    expect(byTestId("perm-files-state").dataset["state"]).toBe("denied");
  });

  it("Ctrl+F searches, the arrow goes into what is found, Enter leads to the row's switch", async () => {
    const { user } = await open(flatpak());
    await user.keyboard("{Control>}f{/Control}");
    await new Promise((done) => setTimeout(done, 40));
    expect(document.activeElement).toBe(byTestId("search"));
    await user.keyboard("qr code");
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(byTestId("search-result-perm-camera"));
    await user.keyboard("{Enter}");
    await settled();
    expect(isThere("page-permissions")).toBe(true);
    expect(document.activeElement).toBe(byTestId("perm-camera-switch"));
    expect(byTestId("perm-camera").dataset["found"]).toBe("true");
  });

  it("search finds e-mail however it is written, and leads to a topic of the grid", async () => {
    const { user } = await open(flatpak());
    await user.type(byTestId("search"), "email{Enter}");
    await settled();
    expect(isThere("page-marketing")).toBe(true);
    expect(document.activeElement?.getAttribute("role")).toBe("switch");
  });

  it("search says when nothing is found, and Escape clears it", async () => {
    const { user } = await open(flatpak());
    await user.type(byTestId("search"), "zzz");
    expect(document.querySelector("[role=search] [role=status]")?.textContent).toBe("Nothing found");
    await user.keyboard("{Escape}");
    expect(isThere("nav-overview")).toBe(true);
  });

  it("F6 reaches the message, Enter undoes, and the focus isn't lost", async () => {
    const { user, program } = await open(flatpak(), "permissions");
    byTestId("perm-files-switch").focus();
    await user.keyboard(" ");
    await settled();
    await user.keyboard("{F6}");
    expect(document.activeElement).toBe(byTestId("toast-undo"));
    await user.keyboard("{Enter}");
    await settled();
    expect(program.calls).toContain("undo");
    expect(document.activeElement).toBe(byTestId("perm-files-switch"));
  });

  it("Ctrl+Z undoes what the message says", async () => {
    const { user, program } = await open(flatpak(), "permissions");
    await user.click(byTestId("perm-files-switch"));
    await settled();
    await user.keyboard("{Control>}z{/Control}");
    await settled();
    expect(program.calls).toContain("undo");
  });
});

describe("the message at the bottom", () => {
  it("is in a status region that was there before it", async () => {
    const { user } = await open(flatpak(), "permissions");
    const region = document.querySelector("section[aria-label] [role=status]");
    expect(region?.textContent).toBe("");
    await user.click(byTestId("perm-files-switch"));
    await settled();
    expect(region?.textContent).toBe("Files is denied.");
  });

  it("stays at least six seconds, and as long as it is held", () => {
    vi.useFakeTimers();
    const toasts = new Toasts();
    toasts.show({ says: "Camera is denied.", tone: "done" });
    vi.advanceTimersByTime(6_000);
    expect(toasts.current).not.toBeNull();
    toasts.hold();
    vi.advanceTimersByTime(60_000);
    expect(toasts.current).not.toBeNull();
    toasts.release();
    vi.advanceTimersByTime(3_001);
    expect(toasts.current).toBeNull();
    vi.useRealTimers();
  });
});
