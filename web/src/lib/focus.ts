/** Where the keys are: whoever ends a question, or follows a link, goes on from there and not from the top of the page. */
import { tick } from "svelte";

/** Whether nothing on the page has the keys, because what had them is gone. */
const isLost = () => document.activeElement === null || document.activeElement === document.body;

/** The page itself has the keys: the next tab goes to the first thing in it. */
export function toPage() {
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** Remembers what has the keys. Called when the question is over, it gives them back, or to the page where that is gone, too. */
export function remembered(): () => void {
  const before = document.activeElement;
  return () =>
    void tick().then(() => {
      if (!isLost()) return;
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      if (isLost()) toPage();
    });
}
