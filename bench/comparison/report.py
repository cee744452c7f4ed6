"""docs/benchmarks.md from the figures: ratios first, each target with reached or not, absolute numbers at the side."""

import json
import statistics

from . import npm, npm_project, people
from .places import DOCUMENT, RESULTS
from .why import EXPLANATIONS

NAMES = {
    "fanlight": "Fanlight", "nginx": "nginx", "nginx-log": "nginx, access log on",
    "devpi": "devpi-server", "proxpi": "proxpi",
}
WORKLOADS = {
    "index-30": "index page, 30 files, as pip asks", "index-30-json": "index page, 30 files, JSON only",
    "index-2000": "index page, 2,000 files, as pip asks", "index-2000-json": "index page, 2,000 files, JSON only",
    "file-50k": "file of 50 KB", "file-50m": "file of 50 MB",
}
MISSING = "not measured"


class Figures:
    """The results, with the questions the document asks of them."""

    def __init__(self, results: dict) -> None:
        self.results = results
        self.cells = {(c["workload"], c["connections"], c["server"]): c["rounds"] for c in results.get("load", [])}

    def servers(self) -> list[str]:
        return [name for name in NAMES if any(key[2] == name for key in self.cells)]

    def rates(self, workload: str, connections: int, server: str) -> list[float]:
        """Requests a second of each round; for the large file bytes a second, because few are whole within a round."""
        unit = "bytes_per_second" if workload == "file-50m" else "requests_per_second"
        rounds = self.cells.get((workload, connections, server), [])
        return [r[unit] for r in rounds if r["bad_status"] == 0 and r["broken"] == 0 and r["timeouts"] == 0]

    def faults(self) -> list[str]:
        """Rounds that had errors, which no median counts."""
        return [
            f"{WORKLOADS[key[0]]} at {key[1]}, {NAMES[key[2]]}: {r['bad_status']} wrong statuses, "
            f"{r['broken']} broken connections, {r['timeouts']} timeouts in {r['requests']} requests"
            for key, rounds in self.cells.items() for r in rounds if r["bad_status"] or r["broken"] or r["timeouts"]
        ]

    def rate(self, workload: str, connections: int, server: str) -> float | None:
        rates = self.rates(workload, connections, server)
        return statistics.median(rates) if rates else None

    def spread(self, workload: str, connections: int, server: str) -> str:
        """The slowest and the fastest round as parts of the median."""
        rates = self.rates(workload, connections, server)
        middle = statistics.median(rates) if rates else 0
        return f"{min(rates) / middle:.2f} to {max(rates) / middle:.2f}" if middle else MISSING

    def ratio(self, workload: str, connections: int, server: str) -> float | None:
        """Fanlight's rate as a multiple of the server's."""
        ours, theirs = self.rate(workload, connections, "fanlight"), self.rate(workload, connections, server)
        return ours / theirs if ours and theirs else None


def times(ratio: float | None) -> str:
    if ratio is None:
        return MISSING
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def amount(value: float | None, workload: str) -> str:
    if value is None:
        return MISSING
    if value == 0:
        return "no answer in time"
    return f"{value / 1e6:,.0f} MB/s" if workload == "file-50m" else f"{value:,.0f}/s" if value >= 10 else f"{value:.1f}/s"


def span(seconds: float | None) -> str:
    if seconds is None:
        return MISSING
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def table(head: list[str], rows: list[list[str]]) -> str:
    out = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(out + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def targets(f: Figures) -> list[list[str]]:
    """Each target: what, to reach, reached, verdict and why."""
    rows = []

    def add(key: str, what: str, goal: str, value: float | None, shown: str, good: bool) -> None:
        verdict = MISSING if value is None else "reached" if good else "**not reached**"
        why = "" if value is None or good else EXPLANATIONS.get(key, "")
        rows.append([what, goal, MISSING if value is None else shown, verdict + (f": {why}" if why else "")])

    limit = f.ratio("index-30", 64, "nginx")
    add("index-nginx", "index page of 30 files, 64 connections, against nginx (log off)", ">= 0.5", limit, times(limit),
        (limit or 0) >= 0.5)
    for peer in ("devpi", "proxpi"):
        ratio = f.ratio("index-30", 64, peer)
        add(f"index-{peer}", f"the same against {NAMES[peer]}", ">= 100", ratio, times(ratio), (ratio or 0) >= 100)
    large = f.ratio("file-50m", 64, "nginx")
    worst = [r for r in (f.ratio("file-50m", c, "nginx") for c in (1, 20, 64)) if r]
    shown = ", ".join(f"{times(f.ratio('file-50m', c, 'nginx'))} at {c}" for c in (1, 20, 64))
    add("file-nginx", "file of 50 MB, bytes a second against nginx, by connections", ">= 0.7", large, shown,
        bool(worst) and min(worst) >= 0.7)
    start = f.results.get("starts", {}).get("fanlight", {}).get("median")
    add("start", "start to ready on the state that the load left", "< 300 ms", start, span(start), (start or 9) < 0.3)
    idle = f.results.get("memory", {}).get("fanlight", {}).get("idle")
    add("memory", "idle memory (resident), after such a start", "< 60 MB", idle, f"{(idle or 0) / 1e6:.0f} MB",
        (idle or 1e9) < 60e6)
    ledger = f.results.get("ledger", {})
    rate, late, verify = ledger.get("records_per_second"), ledger.get("p99"), ledger.get("verify")
    add("ledger-rate", "durable records a second, 256 writers", ">= 50,000", rate, f"{rate or 0:,}", (rate or 0) >= 50_000)
    add("ledger-p99", "the same, p99 from append to durable", "< 20 ms", late, span(late), (late or 9) < 0.02)
    add("ledger-verify", "1,000,000 records verified", "< 5 s", verify, span(verify), (verify or 99) < 5)
    crowd = f.results.get("people", {})
    checks, revocation, directory = crowd.get("checks"), crowd.get("revocation"), crowd.get("directory")
    add("token-checks", "token checks a second and core, callers remembered", ">= 50,000", checks, f"{checks or 0:,.0f}",
        (checks or 0) >= 50_000)
    add("revocation", "a revocation seen while all cores check tokens, longest of 50", "< 1 s", revocation, span(revocation),
        (revocation or 9) < 1)
    add("directory", f"a directory of {crowd.get('people', 50_000):,} people by SCIM", "< 2 min", directory, span(directory),
        (directory or 999) < 120)
    pages = f.results.get("pages", {})
    slowest = max((row["p99"] for row in pages.get("rows", [])), default=None)
    add("pages", f"a page of {pages.get('records', 1_000_000):,} records, p99 of the slowest search", "< 100 ms", slowest, span(slowest),
        (slowest or 9) < 0.1)
    add("people-pages", "a page of that directory's people, p99", "< 100 ms", crowd.get("list_p99"), span(crowd.get("list_p99")),
        (crowd.get("list_p99") or 9) < 0.1)
    late, ratio = npm.reached(f.results.get("npm"))
    add("packument-p99", "npm packument of 8 MB as npm asks, 20 connections, p99", "< 50 ms", late, span(late), (late or 9) < 0.05)
    add("packument-rate", "the same against verdaccio with its filter", ">= 20", ratio, times(ratio), (ratio or 0) >= 20)
    found = f.results.get("decisions", {}).get("rows", [])
    for kind, goal, limit_s in (("afresh", "< 20 us", 20e-6), ("remembered", "< 1 us", 1e-6)):
        medians = [row["median"] for row in found if row["kind"] == kind]
        worst_median = max(medians) if medians else None
        what = f"one decision with 50 policies, {'repeated' if kind == 'remembered' else 'afresh'}, median"
        add(f"decision-{kind}", what, goal, worst_median, span(worst_median), (worst_median or 9) < limit_s)
    return rows


def write() -> None:
    """Writes the document from the last results."""
    results = json.loads(RESULTS.read_text())
    f = Figures(results)
    machine = results["machine"]
    sync, versions = machine["sync"], machine["versions"]
    others = [name for name in f.servers() if name != "fanlight"]
    keys = [(w, c) for w in WORKLOADS for c in (1, 20, 64) if (w, c, "fanlight") in f.cells]
    ratios = [[WORKLOADS[w], str(c), *(times(f.ratio(w, c, o)) for o in others)] for w, c in keys]
    everyone = ["fanlight", *others]
    absolute = [[WORKLOADS[w], str(c), *(amount(f.rate(w, c, s), w) for s in everyone)] for w, c in keys]
    spreads = [[WORKLOADS[w], str(c), *(f.spread(w, c, s) for s in everyone)] for w, c in keys]
    install = {name: statistics.median(took) for name, took in results.get("install", {}).items()}
    direct = install.get("upstream")
    installs = [
        [NAMES.get(name, "the upstream itself"), times(took / direct if direct else None), span(took)]
        for name, took in install.items()
    ]
    memory = results.get("memory", {})
    size = lambda n: f"{n / 1e6:.0f} MB" if n else MISSING  # noqa: E731
    memories = [[NAMES[s], size(memory[s].get("idle")), size(memory[s].get("after_load"))] for s in NAMES if s in memory]
    starts = [[NAMES[s], span(v["median"]), f"{span(min(v['seconds']))} to {span(max(v['seconds']))}", str(len(v["seconds"]))]
              for s, v in results.get("starts", {}).items()]
    busy = max(machine["load_before"][0], results.get("load_after", [0])[0])
    idle = (
        f"- **The machine was not idle**: its load average was {machine['load_before'][0]:.1f} before the run, because other "
        "programs were\n  being built on it. All servers were measured in turn, so all suffered alike, but nobody's figures are as "
        "good as they can\n  be, and Fanlight's, which uses both cores, suffer more than those of a single worker. Repeat it on "
        "an idle machine."
        if machine["load_before"][0] > 1 else f"- Load average {machine['load_before'][0]:.1f} before the run, {busy:.1f} at most."
    )
    earlier: dict[str, list[str]] = {}
    for part, at in results.get("commits", {}).items():
        if at != versions["commit"]:
            earlier.setdefault(at, []).append(part)
    older = "".join(f"\n- Measured earlier, at commit {at}: {', '.join(parts)}." for at, parts in earlier.items())
    ledger, settings = results.get("ledger", {}), results.get("settings", {})
    faults = f.faults()
    peers = "; ".join(", ".join(f"{k} {v}" for k, v in versions[p].items()) for p in ("devpi", "proxpi"))
    text = f"""# Benchmarks

<!-- Made by `bench/run` from one run's figures. Do not edit by hand. -->

Fanlight compared with other programs in one run on one machine, everything on loopback. Recording and the cool-down
were on: each answer counted here waited until its record was on disk. Ratios are what carries over to another machine;
absolute numbers stand at the end, as a side note.

## Targets

{table(["what", "to reach", "measured", "verdict"], targets(f))}
## Fanlight's rate as a multiple of each

Requests a second, for the file of 50 MB bytes a second; medians of {settings.get("rounds")} rounds of
{settings.get("seconds")} s with all servers in turn in each round; a server that needs longer for all connections got up to
{settings.get("longest")} s. Above 1 Fanlight is faster.

{table(["what", "connections", *(NAMES[o] for o in others)], ratios)}
What the ratios do not say: nginx sends the same bytes from disk and decides nothing, knows nobody and syncs nothing,
so it is the limit, not a rival. devpi-server and proxpi are asked directly; devpi's documentation advises a web server
in front, which would send devpi's files (not its pages) at nginx's rate. The load comes from one thread of wrk on the
same {machine["cores"]} cores, so a server that uses more than one core competes with what measures it, which one
nginx worker does not.

{("Rounds with errors, counted in no median: " + "; ".join(faults) + ".") if faults else "No round had an error: no wrong status, no broken connection, no timeout."}

## Cold install

`pip install` of five small wheels in three steps, with a server started on an empty state and nothing cached by pip;
the time as a multiple of the same install straight from the upstream (medians of
{len(next(iter(results.get("install", {}).values()), []))}).

{table(["through", "multiple", "seconds"], installs)}
{npm.section(results.get("npm"))}{npm_project.section(results.get("npm-ci"))}{people.section(results.get("people"), results.get("pages"))}## Starting and memory

Start to ready on the state that the load left ({results.get("records", 0):,} records in Fanlight's ledger), and
resident memory: idle, and a second after the whole load. For nginx both are a worker and its master.

{table(["server", "start to ready, median", "range", "starts"], starts)}
{table(["server", "idle", "after the load"], memories)}
## Ledger and decisions

As the crates' own programs print it (`ledger-bench`, `decision-bench`):

```text
{ledger.get("text", MISSING).rstrip()}
{results.get("decisions", {}).get("text", MISSING).rstrip()}
```

## The machine

- {machine["cores"]} cores, {machine["cpu"]}, {machine["memory_bytes"] / 1e9:.0f} GB of memory, {machine["kernel"]},
  file system {machine["file_system"]}.
- One `fdatasync` after appending {sync["bytes"]:,} bytes: {sync["median_ms"]:.2f} ms at the median, {sync["p99_ms"]:.2f} ms
  at the 99th of 100. This is what a record costs at the least; group commit shares it between all that wait.
{idle}
- Run of {machine["when"]}.{older}
- {versions["fanlight"]} (commit {versions["commit"]}, {versions["rustc"]}, release profile), nginx {versions["nginx"].removeprefix("nginx/")},
  {peers}, wrk {versions["wrk"]}, Python {versions["python"]}, {versions["pip"]}.

## How to repeat

`make bench`, or `bench/run`; about twenty minutes on an otherwise idle machine. It builds the release binary, installs
nginx and wrk by the system's package manager and the peers from the Python Package Index and the npm registry into `bench/.work`, and writes
the figures to `bench/results/latest.json` and this page. `bench/run --help` tells how to make it shorter. There is no
switch that turns recording off.

How each is run: Fanlight with its default settings; nginx with one worker, `sendfile`, `tcp_nopush`, keep-alive without
end, its access log off or buffered; devpi-server by its own web server with a mirror index; proxpi under gunicorn with
the options of its container image; verdaccio by `node`, with the settings that `bench/comparison/npm.py` shows. All but nginx
stand in front of the bench's own upstream.

## Absolute numbers

Of this machine on that day; they carry over to no other.

{table(["what", "connections", *(NAMES[s] for s in everyone)], absolute)}
The slowest and the fastest round as parts of the median:

{table(["what", "connections", *(NAMES[s] for s in everyone)], spreads)}
"""
    DOCUMENT.write_text(text.rstrip() + "\n")
