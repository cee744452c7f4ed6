/** Where we are: the address bar is the only state of it, so every view can be linked to, kept and gone back to. */

/** A view's name, and what its path tells. */
export interface Place {
  view: string;
  rest: string;
}

/** `/packages/pypi/requests` is the view `packages` with the rest `pypi/requests`. */
export function placeOf(path: string): Place {
  const [, view = "", ...rest] = path.split("/");
  return { view: view === "" ? "today" : view, rest: rest.map(decodeURIComponent).join("/") };
}

class Router {
  path = $state(location.pathname);
  search = $state(location.search);
  place = $derived(placeOf(this.path));
  query = $derived(new URLSearchParams(this.search));

  constructor() {
    addEventListener("popstate", () => this.#read());
  }

  #read() {
    this.path = location.pathname;
    this.search = location.search;
  }

  go(to: string, how: "push" | "replace" = "push") {
    if (how === "push") history.pushState(null, "", to);
    else history.replaceState(null, "", to);
    const moved = this.path !== location.pathname;
    this.#read();
    if (moved) scrollTo(0, 0);
  }

  /** Changes parts of the query and leaves the rest; an empty part goes. */
  set(parts: Record<string, string | null>) {
    const query = new URLSearchParams(this.search);
    for (const [name, value] of Object.entries(parts)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    const text = query.toString();
    this.go(this.path + (text ? `?${text}` : ""), "replace");
  }

  /** Follows links of the console without loading it anew; leaves every other click as it is. */
  follow(event: MouseEvent, views: readonly string[]) {
    const link = (event.target as Element | null)?.closest?.("a[href]") as HTMLAnchorElement | null;
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!views.includes(placeOf(link.pathname).view)) return;
    // To another place on the same page the browser leads, and takes the keys along.
    if (link.hash && link.pathname + link.search === location.pathname + location.search) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

export const router = new Router();
