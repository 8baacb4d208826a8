/** Lets the frame that the page itself shows be painted before the program, which takes longer to read. */
let begun = false;

function begin(): void {
  if (begun) return;
  begun = true;
  void import("./main");
}

// The frame is painted between the two. A window that nobody sees has no frames, and begins all the same.
requestAnimationFrame(() => setTimeout(begin));
setTimeout(begin, 100);
