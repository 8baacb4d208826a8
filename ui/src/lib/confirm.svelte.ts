/** A question before a change that takes more with it than its name says. */

export interface Question {
  title: string;
  lines: string[];
  act: string;
  testid: string;
}

export class Confirm {
  question = $state.raw<Question | null>(null);
  #settle: ((yes: boolean) => void) | null = null;

  ask(question: Question): Promise<boolean> {
    this.answer(false);
    this.question = question;
    return new Promise((settle) => {
      this.#settle = settle;
    });
  }

  answer(yes: boolean): void {
    this.question = null;
    this.#settle?.(yes);
    this.#settle = null;
  }
}
