/** The archive that the parts of the reader belong to. */
import { getContext } from "svelte";

import type { Reading } from "../../reading.svelte";

export const READING = Symbol("reading");

export function useReading(): Reading {
  return getContext<Reading>(READING);
}
