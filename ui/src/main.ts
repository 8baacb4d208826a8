/** Starts the window: the program behind it, or in a developer's browser, which has none, a made-up one. */
import "./styles/base.css";

import { isTauri } from "@tauri-apps/api/core";
import { mount } from "svelte";

import AppWindow from "./App.svelte";
import { App } from "./lib/app.svelte";
import { tauri } from "./lib/ipc";
import { tellFramePainted } from "./lib/painted";

async function start(target: HTMLElement): Promise<void> {
  if (import.meta.env.DEV && !isTauri()) {
    const dev = await import("./dev/page");
    dev.start(target);
    return;
  }
  tellFramePainted(tauri);
  mount(AppWindow, { target, props: { app: new App(tauri) } });
}

const target = document.getElementById("app");
if (target !== null) void start(target);
