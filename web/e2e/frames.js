// How smoothly a page scrolls: from each frame to the next, and what the page itself works at a stretch.

import assert from "node:assert/strict";
import { chromium, scene } from "./scene.js";

/** What counts as a stutter, in milliseconds from one frame to the next. */
export const LATE = 50;
const RUNS = 3;

/** Scrolls in the page, a step (or none) each frame, and gives the time from each frame to the next. Without a box it is the page that is scrolled. */
export function scrolled(page, steps, box = "html") {
  return page.evaluate(
    async ([tops, place]) => {
      const scrolls = document.querySelector(place);
      const frame = () => new Promise((seen) => requestAnimationFrame(seen));
      await frame();
      let last = await frame();
      const way = scrolls.scrollHeight - scrolls.clientHeight;
      const times = [];
      for (const top of tops) {
        if (top !== undefined) scrolls.scrollTop = top * way;
        const now = await frame();
        times.push(now - last);
        last = now;
      }
      return times;
    },
    [steps, box],
  );
}

/** The same, and the longest that anything of the browser's worked at a stretch, on the processor's own clock. */
async function traced(page, steps, box) {
  await chromium.startTracing(page, { categories: ["devtools.timeline", "disabled-by-default-devtools.timeline"] });
  const times = await scrolled(page, steps, box);
  const { traceEvents } = JSON.parse((await chromium.stopTracing()).toString());
  const tasks = traceEvents.filter(({ name, tdur }) => name === "RunTask" && tdur > 0);
  assert.ok(tasks.length > steps.length, `${tasks.length} tasks`);
  return { worst: Math.max(...times), own: Math.max(...tasks.map(({ tdur }) => tdur / 1000)) };
}

/** Fails where a frame is late, or the page works for longer than `own` milliseconds of the processor at a stretch. */
export async function isSmooth(page, ways, own, box) {
  for (const [way, steps] of Object.entries(ways)) {
    const runs = [];
    do runs.push(await traced(page, steps, box));
    while (runs.length < RUNS && runs.at(-1).worst > LATE);
    const told = (what) => runs.map((run) => run[what].toFixed(1)).join(", ");
    console.log(`${way}, ${steps.length} frames: the worst after ${told("worst")} ms, of which the page itself took at most ${told("own")} ms`);
    for (const run of runs) assert.ok(run.own < own, `${way}: the page worked for ${run.own} ms at a stretch`);
    const best = Math.min(...runs.map(({ worst }) => worst));
    // Frames are late on a machine that has something else to do.
    if (scene.alone) assert.ok(best <= LATE, `${way}: a frame came after ${best} ms`);
    else console.log(`${way}: not judged by the clock: others may run beside it`);
  }
}
