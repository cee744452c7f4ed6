import { render, screen } from "@testing-library/svelte";
import { createRawSnippet, flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import Stretch from "./Stretch.svelte";

let tell: (isNear: boolean) => void;
const left = vi.fn();
beforeEach(() => {
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      disconnect = left;
      observe = vi.fn();
      constructor(told: (entries: { isIntersecting: boolean }[]) => void) {
        tell = (isIntersecting) => flushSync(() => told([{ isIntersecting }]));
      }
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

const children = createRawSnippet(() => ({ render: () => "<tr><td>asha</td></tr>" }));

it("has its rows while the window is near, and their height alone while it is far", () => {
  const target = document.createElement("table");
  document.body.append(target);
  const { container, unmount } = render(Stretch, { props: { columns: 4, children }, target });
  expect(screen.getByText("asha")).toBeTruthy();
  vi.spyOn(container.querySelector("tbody") as HTMLElement, "offsetHeight", "get").mockReturnValue(4700);
  tell(false);
  expect(screen.queryByText("asha")).toBeNull();
  const rest = container.querySelector("td") as HTMLTableCellElement;
  expect([rest.colSpan, rest.style.height]).toEqual([4, "4700px"]);
  expect(rest.parentElement?.getAttribute("aria-hidden")).toBe("true");
  tell(true);
  expect(screen.getByText("asha")).toBeTruthy();
  unmount();
  expect(left).toHaveBeenCalledOnce();
});
