import { mount } from "svelte";

import App from "./App.svelte";
import { tauri } from "./lib/ipc";

const target = document.getElementById("app");
if (target) mount(App, { target, props: { backend: tauri } });
