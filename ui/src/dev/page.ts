/**
 * The window in a developer's browser: `?situation=wedged&place=marketing&theme=dark&click=perm-camera-details,…`.
 * Situations are named in `fixtures.ts`, those of the browsers (`browsers=many`) in `browsers.ts`, of exports (`exports=downloading`) in `exports.ts`, of letters
 * (`requests=none`) in `requests.ts`, of the end of the account (`deletion=wiping`) in `deletion.ts`; `click` presses controls by their test names; `delay` slows every
 * answer.
 */
import { mount } from "svelte";

import AppWindow from "../App.svelte";
import type { Theme } from "../lib/bindings";
import { App } from "../lib/app.svelte";
import { places, type Place } from "../lib/router.svelte";
import { madeUp } from "./backend";
import { browserSituations, usual } from "./browsers";
import { deletionSituations } from "./deletion";
import { exportSituations } from "./exports";
import { flatpak, situations } from "./fixtures";
import { requestSituations } from "./requests";

const frame = () => new Promise((done) => setTimeout(done, 80));

export function start(target: HTMLElement): void {
  const query = new URLSearchParams(location.search);
  const view = (situations[query.get("situation") ?? "flatpak"] ?? flatpak)();
  const theme = query.get("theme");
  if (theme !== null) view.theme = theme as Theme;

  const browsers = (browserSituations[query.get("browsers") ?? "usual"] ?? usual)();
  const exports = (exportSituations[query.get("exports") ?? "usual"] ?? exportSituations["usual"]!)();
  const more = {
    requests: requestSituations[query.get("requests") ?? "several"]?.(),
    deletion: deletionSituations[query.get("deletion") ?? "blocked"]?.(),
  };
  const app = new App(madeUp(view, Number(query.get("delay") ?? 0), browsers, exports, more));
  mount(AppWindow, { target, props: { app } });

  const place = query.get("place");
  const clicks = (query.get("click") ?? "").split(",").filter(Boolean);
  void frame().then(() => {
    if (places.includes(place as Place)) app.router.go(place as Place, query.get("target"));
    return press(clicks);
  });
}

async function press(names: string[]): Promise<void> {
  for (const name of names) {
    await frame();
    document.querySelector<HTMLElement>(`[data-testid="${name}"]`)?.click();
  }
}
