import { describe, expect, it, vi } from "vitest";

import { flatpak } from "../src/dev/fixtures";
import type { AppView, Backend } from "../src/lib/ipc";
import { Refusal } from "../src/lib/ipc";
import { Store } from "../src/lib/store.svelte";

function revision(number: number): AppView {
  return { ...flatpak(), revision: number };
}

/** A program whose answers the test gives, one by one. */
function byHand() {
  const calls: string[] = [];
  const waiting: ((view: AppView) => void)[] = [];
  let tell: (revision: number) => void = () => undefined;
  const backend = {
    view: () => {
      calls.push("view");
      return new Promise<AppView>((give) => waiting.push(give));
    },
    onChanged: async (callback: (revision: number) => void) => {
      calls.push("listen");
      tell = callback;
      return () => undefined;
    },
  } as unknown as Backend;
  const turn = () => new Promise((done) => setTimeout(done));
  const give = async (number: number) => {
    waiting.shift()?.(revision(number));
    await turn();
  };
  return {
    backend,
    calls,
    turn,
    tell: (number: number) => tell(number),
    give,
    /** Starts a store, and answers its first two questions. */
    started: async (store: Store, number: number) => {
      void store.start();
      await turn();
      await give(number);
      await give(number);
    },
    asked: () => calls.filter((call) => call === "view").length,
  };
}

describe("the store", () => {
  it("shows the first view at once, and asks again when it listens", async () => {
    const { backend, calls, turn, give, asked } = byHand();
    const store = new Store(backend);
    void store.start();
    await turn();
    expect(calls).toEqual(["listen", "view"]);
    await give(1);
    expect(store.view?.revision).toBe(1);
    expect(asked()).toBe(2);
    await give(2);
    expect(store.view?.revision).toBe(2);
  });

  it("asks once for many newer revisions told in one go", async () => {
    const { backend, tell, give, turn, asked, started } = byHand();
    const store = new Store(backend);
    await started(store, 1);
    tell(2);
    tell(3);
    tell(4);
    await turn();
    expect(asked()).toBe(3);
    await give(4);
    expect(store.view?.revision).toBe(4);
    expect(asked()).toBe(3);
  });

  it("asks again when told of a newer revision than the one that was on its way", async () => {
    const { backend, tell, give, turn, asked, started } = byHand();
    const store = new Store(backend);
    await started(store, 1);
    tell(2);
    await turn();
    tell(3);
    await give(2);
    expect(asked()).toBe(4);
    await give(3);
    expect(store.view?.revision).toBe(3);
  });

  it("doesn't ask when it has what it is told of", async () => {
    const { backend, tell, turn, asked, started } = byHand();
    const store = new Store(backend);
    await started(store, 5);
    tell(5);
    tell(4);
    await turn();
    expect(asked()).toBe(2);
  });

  it("keeps the newer view when an older one comes late", async () => {
    const { backend, give, turn, started } = byHand();
    const store = new Store(backend);
    await started(store, 5);
    void store.refresh();
    await turn();
    await give(3);
    expect(store.view?.revision).toBe(5);
  });

  it("doesn't spin when the program answers with less than it told of", async () => {
    const { backend, tell, give, turn, asked, started } = byHand();
    const store = new Store(backend);
    await started(store, 1);
    tell(9);
    await turn();
    await give(1);
    await turn();
    expect(asked()).toBe(3);
  });

  it("says why there is no view, and keeps the last one", async () => {
    const refusal = new Refusal({ code: "x", message: "Not now.", retryable: true });
    const view = vi.fn().mockRejectedValue(refusal);
    const store = new Store({ view, onChanged: async () => () => undefined } as unknown as Backend);
    await store.start();
    expect(store.failure?.message).toBe("Not now.");
    view.mockResolvedValueOnce(revision(1));
    await store.refresh();
    expect(store.failure).toBeNull();
    await store.refresh();
    expect(store.failure?.message).toBe("Not now.");
    expect(store.view?.revision).toBe(1);
  });
});

describe("a moved switch", () => {
  function ready(view = vi.fn().mockResolvedValue(revision(1))) {
    return { store: new Store({ view, onChanged: async () => () => undefined } as unknown as Backend), view };
  }

  it("moves at once, and stays until what was observed is there", async () => {
    const { store, view } = ready();
    await store.start();
    let answer: (value: string) => void = () => undefined;
    const moved = store.move("perm-camera", false, () => new Promise<string>((give) => (answer = give)));
    expect(store.pending("perm-camera")).toBe(false);
    await Promise.resolve();
    view.mockImplementationOnce(async () => {
      expect(store.pending("perm-camera")).toBe(false);
      return revision(2);
    });
    answer("done");
    expect(await moved).toBe("done");
    expect(store.view?.revision).toBe(2);
    expect(store.pending("perm-camera")).toBeUndefined();
  });

  it("goes back and says why when it is refused", async () => {
    const { store } = ready();
    await store.start();
    const refusal = new Refusal({ code: "read-only", message: "The file can't be written.", retryable: false });
    expect(await store.move("perm-camera", false, () => Promise.reject(refusal))).toBeNull();
    expect(store.pending("perm-camera")).toBeUndefined();
    expect(store.problem("perm-camera")?.message).toBe("The file can't be written.");
    await store.move("perm-camera", false, async () => "done");
    expect(store.problem("perm-camera")).toBeUndefined();
  });

  it("is moved in the order it was clicked, and shows the last click", async () => {
    const { store } = ready();
    await store.start();
    const order: string[] = [];
    const slow = store.move("row", false, async () => {
      await new Promise((done) => setTimeout(done, 5));
      order.push("off");
    });
    let answer: () => void = () => undefined;
    const last = store.move("row", true, async () => {
      await new Promise<void>((give) => (answer = give));
      order.push("on");
    });
    expect(store.pending("row")).toBe(true);
    await slow;
    expect(store.pending("row")).toBe(true);
    answer();
    await last;
    expect(order).toEqual(["off", "on"]);
    expect(store.pending("row")).toBeUndefined();
  });
});
