/** Tells the program when something is on the glass for the first time, for the benchmark that measures it. */
import type { Backend, Painted } from "./ipc";

/** Two frames on, what is in the page now is on the glass. */
export function tellPainted(backend: Backend, what: Painted): void {
  requestAnimationFrame(() => requestAnimationFrame(() => void tell(backend, what, Date.now())));
}

/** The window's frame is in the page itself; the web view knows when it painted that (Paint Timing, W3C). */
export function tellFramePainted(backend: Backend): void {
  if (!PerformanceObserver.supportedEntryTypes.includes("paint")) return;
  const observer = new PerformanceObserver((list) => {
    const [first] = list.getEntriesByName("first-contentful-paint");
    if (first) void tell(backend, "frame", performance.timeOrigin + first.startTime);
  });
  observer.observe({ type: "paint", buffered: true });
}

async function tell(backend: Backend, what: Painted, at: number): Promise<void> {
  await backend.painted(what, at).catch(() => undefined);
}
