/** Every sentence of the window, in English. */
export const en = {
  errors: { noAnswer: "The program didn't answer. Try again; if that doesn't help, close and open it." },
};
export type Messages = typeof en;
