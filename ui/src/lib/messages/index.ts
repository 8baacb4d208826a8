/** The language in use. One so far; others are typed as `Messages`. */
import { en, type Messages } from "./en";

export type { Messages };
export const m: Messages = en;
