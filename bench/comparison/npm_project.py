"""`npm ci` of a real project through the npm door and through verdaccio: the console's own pages, by their lock file.

Cold is an empty server, warm the same server again; npm's own cache is empty each time, and the packages come from this machine (see
mirror.py), so that the servers are compared and not somebody's line. One tarball of it is asked for under load, too.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from . import load, tools
from .npm import AS_NPM, NpmDoor, Verdaccio
from .places import BENCH, ROOT, WORK
from .process import Process, get

# Of the project's own packages; code, so that there is something to scan. Not one with thousands of releases: verdaccio reads a package's
# whole packument for each of its tarballs, so that one would measure that alone.
TARBALL = "@codemirror/view"


def ci(registry: str) -> float:
    """Seconds of one `npm ci` into an empty folder, with nothing cached by npm."""
    place = WORK / "npm" / "project"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "web" / name, place / name)
    command = [
        "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--silent",
        "--registry", f"{registry}/", "--cache", place / "cache", "--userconfig", place / "none",
    ]
    # What the install before it left to be written would be written now.
    os.sync()
    began = time.perf_counter()
    done = subprocess.run(command, cwd=place, capture_output=True, text=True)
    took = time.perf_counter() - began
    if done.returncode or not (place / "node_modules" / TARBALL).is_dir():
        raise RuntimeError(f"npm ci through {registry} failed: {done.stdout[-800:]} {done.stderr[-800:]}")
    return took


def packages() -> int:
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())
    return sum(1 for path in lock["packages"] if path)


def registry() -> str:
    """Where this machine's npm gets its packages."""
    return subprocess.run(["npm", "config", "get", "registry"], capture_output=True, text=True, check=True).stdout.strip()


def measure(rounds: int, seconds: float, longest: float) -> dict:
    out: dict = {"packages": packages(), "direct": [], "cold": {}, "warm": {}, "tarball": [], "tarball_of": TARBALL}
    source = Process(
        [sys.executable, "-m", "comparison.mirror", registry(), WORK / "mirror"], WORK / "mirror.log", cwd=BENCH, ready_line=True
    )
    try:
        base, _ = source.line()
        tools.say("npm ci of the console: filling the mirror")
        ci(f"{base}/npm")
        for number in range(rounds):
            tools.say(f"npm ci of the console, round {number + 1}")
            out["direct"].append(ci(f"{base}/npm"))
            for kind in (NpmDoor, Verdaccio):
                folder: Path = WORK / "npm" / f"{kind.name}-project"
                shutil.rmtree(folder, ignore_errors=True)
                server = kind(folder, base)
                server.start()
                try:
                    address = f"{server.base}/npm" if isinstance(server, NpmDoor) else server.base
                    out["cold"].setdefault(kind.name, []).append(ci(address))
                    out["warm"].setdefault(kind.name, []).append(ci(address))
                    if number == rounds - 1:
                        out["tarball"] += tarball(server, address, seconds, longest)
                finally:
                    server.end()
    finally:
        source.end()
    return out


def tarball(server: NpmDoor | Verdaccio, address: str, seconds: float, longest: float) -> list[dict]:
    """One tarball that the server has, at 1 and 20 connections."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())
    version = lock["packages"][f"node_modules/{TARBALL}"]["version"]
    _, _, page = get(f"{address}/{TARBALL}", AS_NPM)
    url = json.loads(page)["versions"][version]["dist"]["tarball"]
    status, _, body = get(url, AS_NPM)
    if status != 200:
        raise RuntimeError(f"{server.name} answers {status} for {url}")
    began = time.perf_counter()
    get(url, AS_NPM)
    single, cells = time.perf_counter() - began, []
    for connections in (1, 20):
        tools.say(f"a tarball of {len(body) / 1e6:.1f} MB at {connections} connections, {server.name}")
        figures = load.wrk(url, AS_NPM, connections, min(longest, max(seconds, 1.5 * connections * single)))
        cells.append({"server": server.name, "connections": connections, "size": len(body), **figures})
    return cells


def section(figures: dict | None) -> str:
    """The part of docs/benchmarks.md."""
    if not figures:
        return ""
    direct = statistics.median(figures["direct"])
    rows = []
    for name, shown in (("fanlight", "Fanlight"), ("verdaccio", "verdaccio")):
        cold, warm = (statistics.median(figures[key][name]) for key in ("cold", "warm"))
        rows.append(f"| {shown} | {cold / direct:.2f} | {warm / direct:.2f} | {cold:.1f} s | {warm:.1f} s |")
    cells = {(c["server"], c["connections"]): c for c in figures["tarball"]}
    size = figures["tarball"][0]["size"] / 1e6
    tarballs = []
    for connections in (1, 20):
        ours, theirs = cells["fanlight", connections], cells["verdaccio", connections]
        ratio = ours["requests_per_second"] / theirs["requests_per_second"] if theirs["requests"] else None
        tarballs.append(
            f"| {connections} | {ours['requests_per_second']:,.0f}/s | {theirs['requests_per_second']:,.1f}/s | "
            f"{f'{ratio:,.1f}' if ratio else 'no answer in time'} | {ours['p99_us'] / 1000:,.1f} ms | {theirs['p99_us'] / 1000:,.1f} ms |"
        )
    return f"""## `npm ci` of a real project

The console's own {figures["packages"]} packages by its lock file, npm's cache empty each time, the upstream on loopback; as a multiple of the
same install straight from that upstream ({direct:.1f} s), medians of {len(figures["direct"])}. Cold: the server was empty, so Fanlight reads every
archive before it hands it out, which verdaccio does not. Warm: the same again.

| through | cold | warm | cold | warm |
| --- | --- | --- | --- | --- |
{chr(10).join(rows)}

One of its tarballs ({figures.get("tarball_of", "typescript")}, {size:.1f} MB) under load; verdaccio reads the package's packument for each answer, so that its rate depends
on how many releases there are:

| connections | Fanlight | verdaccio | multiple | p99 of Fanlight | of verdaccio |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(tarballs)}

"""
