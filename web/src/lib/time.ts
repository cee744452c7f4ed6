/** Times in words. Everything the node says is UTC; people read it in their own time. */

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** Made when it is first asked for: each takes a browser longer than all that a page does with it. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

const relative = once(() => new Intl.RelativeTimeFormat("en", { numeric: "auto" }));
const formatted = (options: Intl.DateTimeFormatOptions) => once(() => new Intl.DateTimeFormat("en-GB", options));
const exact = formatted({ dateStyle: "medium", timeStyle: "short" });
const day = formatted({ dateStyle: "medium" });
const clock = formatted({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const short = formatted({ hour: "2-digit", minute: "2-digit" });
const shortDay = formatted({ day: "numeric", month: "short" });

/** `3 hours ago`, `in 6 days`, `just now`. */
export function ago(time: string, now: number = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative().format(Math.trunc(seconds / length), unit);
  }
  return seconds > 0 ? "in a moment" : "just now";
}

/** What is to come is told by the minute in which it is so for certain, as the node tells clients; what was, by its own. */
const wholeMinute = (time: string) => (Date.parse(time) > Date.now() ? new Date(Math.ceil(Date.parse(time) / 60_000) * 60_000) : new Date(time));

/** `22 Nov 2026, 14:05`. */
export const atTime = (time: string) => exact().format(wholeMinute(time));

/** `22 Nov 2026`. */
export const onDay = (time: string) => day().format(new Date(time));

/** `14:05:33`. */
export const atClock = (time: string) => clock().format(new Date(time));

/** Whether it was on the day that it is now, here. */
export const isToday = (time: string, now: number = Date.now()) => new Date(time).toDateString() === new Date(now).toDateString();

/** `22 Nov, 14:05`. */
export const onShortDay = (time: string) => `${shortDay().format(new Date(time))}, ${short().format(new Date(time))}`;

/** The label of a span: a time of day where spans are shorter than a day, a day otherwise. */
export function spanLabel(time: string, spanSeconds: number): string {
  const date = new Date(time);
  if (spanSeconds >= 86_400) return shortDay().format(date);
  return spanSeconds > 3600 ? `${shortDay().format(date)}, ${short().format(date)}` : short().format(date);
}
