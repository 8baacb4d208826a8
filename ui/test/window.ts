/** Opens the whole window on a made-up program. */
import { render } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { vi } from "vitest";

import AppWindow from "../src/App.svelte";
import { madeUp, type MadeUp, type More } from "../src/dev/backend";
import { usual } from "../src/dev/browsers";
import { App } from "../src/lib/app.svelte";
import type { AppView, BrowsersView, ExportsView } from "../src/lib/ipc";
import type { Place } from "../src/lib/router.svelte";
import { testids } from "../src/lib/testids";

// Places that are fetched when somebody first comes to them are read here, before the clock of a test runs.
import "../src/lib/components/deletion/Ending.svelte";
import "../src/lib/components/requests/Letters.svelte";

export interface Opened {
  app: App;
  program: MadeUp;
  user: ReturnType<typeof userEvent.setup>;
}

export async function open(
  view: AppView,
  place?: Place,
  browsers: BrowsersView = usual(),
  exports?: ExportsView,
  more: More = {},
): Promise<Opened> {
  const program = madeUp(view, 0, browsers, exports, more);
  const app = new App(program);
  render(AppWindow, { props: { app } });
  await vi.waitFor(() => {
    if (app.store.view === null) throw new Error("no view yet");
  });
  if (place !== undefined) {
    app.router.go(place);
    // Some are read when one goes there.
    await vi.waitFor(() => {
      if (!view.firstStart && (document.querySelector("main h1") === null || isThere(testids.reading))) throw new Error("not there yet");
    }, 20_000);
  }
  await settled();
  return { app, program, user: userEvent.setup() };
}

/** After everything that was started has been answered and painted. */
export async function settled(): Promise<void> {
  await vi.dynamicImportSettled();
  for (let turn = 0; turn < 4; turn += 1) await new Promise((done) => setTimeout(done, 5));
}

export function byTestId(name: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-testid="${name}"]`);
  if (found === null) throw new Error(`nothing is called ${name}`);
  return found;
}

export function isThere(name: string): boolean {
  return document.querySelector(`[data-testid="${name}"]`) !== null;
}
