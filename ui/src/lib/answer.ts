/** What the program answers: a value, or a refusal that says why. */
import type { ErrorView } from "./bindings";
import { m } from "./messages";

/** The program said no, and why. */
export class Refusal extends Error {
  readonly view: ErrorView;

  constructor(view: ErrorView) {
    super(view.message);
    this.name = "Refusal";
    this.view = view;
  }
}

/** What to show for anything thrown: the program's own words, or that it didn't answer. */
export function asErrorView(thrown: unknown): ErrorView {
  if (thrown instanceof Refusal) return thrown.view;
  return { code: "no-answer", message: m.errors.noAnswer, retryable: true };
}

export type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: ErrorView };

/** The program's answer, or what it refused with. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  const settled = await answer;
  if (settled.status === "error") throw new Refusal(settled.error);
  return settled.data;
}

/** Whether it was done is all there is to know. */
export async function silently(answer: Promise<Answer<null>>): Promise<void> {
  await unwrap(answer);
}
