/** The present, for "2 seconds ago": read again every few seconds while someone shows it and the window is seen. */
import { createSubscriber } from "svelte/reactivity";

const EVERY = 10_000;

const subscribe = createSubscriber((update) => {
  const tick = () => {
    if (!document.hidden) update();
  };
  const timer = setInterval(tick, EVERY);
  document.addEventListener("visibilitychange", tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
  };
});

export function now(): number {
  subscribe();
  return Date.now();
}
