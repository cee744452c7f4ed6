/** What was changed of what holds here: policies, exceptions, quarantines, as one list, the newest first. */
import type { Schemas } from "./api/client";
import { parsePurl } from "./purl";
import { words } from "./words";

export interface Change {
  at: string;
  what: string;
  /** In whose name, or by which role. */
  by: string;
  /** Where more of it stands. */
  href: string;
}

/** A package as people call it. */
function called(purl: string): string {
  const found = parsePurl(purl);
  return found ? [found.name, found.version].filter(Boolean).join(" ") : purl;
}

/** Those since a time, at most so many. */
export function changesOf(
  versions: readonly Schemas["PolicyVersion"][],
  exceptions: readonly Schemas["Exception"][],
  quarantines: readonly Schemas["Quarantine"][],
  since: string,
  most: number,
): Change[] {
  const found: Change[] = [
    // The first one is what the node found when it was new: where that had no file in it, nothing was changed.
    ...versions.filter(({ version, files }) => version > 1 || files > 0).map(({ version, since: at, by, because }) => ({ at, what: words.changes.policies(version, because ?? ""), by: by ?? words.versions.byFolder, href: `/policies?show=history&version=${version}` })),
    ...exceptions.flatMap(({ purl, granted, ended, by, role }) => {
      const href = `/policies?show=exceptions&q=${encodeURIComponent(purl)}`;
      const made = { at: granted, what: words.changes.exception(called(purl)), by: by ?? role, href };
      return ended ? [made, { at: ended, what: words.changes.exceptionEnded(called(purl)), by: "", href }] : [made];
    }),
    ...quarantines.map(({ purl, since: at, by, role }) => ({ at, what: words.changes.quarantine(called(purl)), by: by ?? role, href: `/packages?show=quarantined&q=${encodeURIComponent(purl)}` })),
  ];
  const from = Date.parse(since);
  return found
    .filter(({ at }) => Date.parse(at) >= from)
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, most);
}
