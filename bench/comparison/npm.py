"""The npm door beside verdaccio with its filter: one packument of 8 MB, warm, as npm asks for it.

Both hold back what is younger than seven days, and look at the upstream again after a minute. Neither compresses: wrk asks for no
compression, so that bytes are compared with the same bytes.
"""

import json
import shutil
import statistics
import subprocess
import time

from . import life, load, tools
from .places import WORK
from .process import Process, get
from .servers import Fanlight, Server
from .upstream import PACKAGE, PACKAGE_VERSIONS

AS_NPM = {
    "Accept": "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*",
    "User-Agent": "npm/11.6.0 node/v24.0.0 linux x64",
}
FRESH = f"1.{PACKAGE_VERSIONS - 1}.0"


class NpmDoor(Fanlight):
    """Default settings: recording on, cool-down of seven days, packuments looked at again after a minute."""

    @property
    def packument(self) -> str:
        return f"{self.base}/npm/{PACKAGE}"

    def start(self) -> float:
        env = {"FANLIGHT_PACKAGES__NPM__UPSTREAM": f"{self.upstream}/npm/"}
        command = [self.binary, "up", "--state", self.folder / "state", "--listen", f"127.0.0.1:{self.port}"]
        self.process = Process(command, self.folder / "log", env=env, ready_line=True)
        return self.process.line()[1]


class Verdaccio(Server):
    """verdaccio with the filter that it brings along, by its own defaults beside what must be said."""

    name = "verdaccio"

    @property
    def packument(self) -> str:
        return f"{self.base}/{PACKAGE}"

    def start(self) -> float:
        config = self.folder / "config.yaml"
        config.write_text(f"""
storage: {self.folder}/storage
uplinks:
  upstream:
    url: {self.upstream}/npm/
    maxage: 60s
packages:
  '**':
    access: $all
    proxy: upstream
filters:
  '@verdaccio/package-filter':
    minAgeDays: 7
log: {{ type: stdout, format: pretty, level: warn }}
""")
        program = tools.need_verdaccio()
        command = ["node", program, "--config", config, "--listen", f"127.0.0.1:{self.port}"]
        self.process = Process(command, self.folder / "log")
        return self.process.until(f"{self.base}/-/ping", {})


def measure(base: str, seconds: float, rounds: int, longest: float) -> dict:
    """Rate and latency at 1 and 20 connections, servers in turn; memory idle, warm and after the load."""
    servers: list[NpmDoor | Verdaccio] = []
    out: dict = {"cells": [], "memory": {}, "bytes": {}, "node": node(), "verdaccio": tools.verdaccio_version()}
    try:
        for kind in (NpmDoor, Verdaccio):
            shutil.rmtree(WORK / "npm" / kind.name, ignore_errors=True)
            server = kind(WORK / "npm" / kind.name, base)
            servers.append(server)
            server.start()
            idle = life.idle_rss(server.process)
            single = warm(server, out)
            out["memory"][server.name] = {"idle": idle, "warm": life.idle_rss(server.process, 1)}
            out.setdefault("single", {})[server.name] = single
        for connections in (1, 20):
            tools.say(f"a packument of 8 MB at {connections} connections")
            cells = {server.name: [] for server in servers}
            for number in range(rounds):
                for server in servers:
                    # An answer of an interpreter waits for all before it.
                    long = min(longest, max(seconds, 1.5 * connections * out["single"][server.name]))
                    if long > seconds and number >= load.SLOW_ROUNDS:
                        continue
                    cells[server.name].append(load.wrk(server.packument, AS_NPM, connections, long))
            for name, figures in cells.items():
                out["cells"].append({"server": name, "connections": connections, "rounds": figures})
        for server in servers:
            out["memory"][server.name]["after_load"] = life.idle_rss(server.process, 1)
    finally:
        for server in servers:
            server.end()
    return out


def warm(server: "NpmDoor | Verdaccio", out: dict) -> float:
    """Asks until it is there, looks that the fresh release is held back, and tells how long one answer takes."""
    status, _, body = get(server.packument, AS_NPM)
    if status != 200 or FRESH in json.loads(body)["versions"]:
        raise RuntimeError(f"{server.name} answers {status}, or lists what is fresh")
    out["bytes"][server.name] = len(body)
    return statistics.median(timed(server.packument) for _ in range(3))


def timed(url: str) -> float:
    began = time.perf_counter()
    get(url, AS_NPM)
    return time.perf_counter() - began


def node() -> str:
    return subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def reached(figures: dict | None) -> tuple[float | None, float | None]:
    """p99 in seconds at 20 connections, and the rate as a multiple of verdaccio's."""
    if not figures:
        return None, None
    cells = {c["server"]: c["rounds"] for c in figures["cells"] if c["connections"] == 20}
    ours, theirs = (statistics.median(r["requests_per_second"] for r in cells[name]) for name in ("fanlight", "verdaccio"))
    late = statistics.median(r["p99_us"] for r in cells["fanlight"]) / 1e6
    return late, ours / theirs if theirs else None


def section(figures: dict | None) -> str:
    """The part of docs/benchmarks.md."""
    if not figures:
        return ""
    cells = {(c["server"], c["connections"]): c["rounds"] for c in figures["cells"]}

    def of(server: str, connections: int, key: str) -> float:
        return statistics.median(r[key] for r in cells[server, connections])

    rows = []
    for connections in (1, 20):
        ours, theirs = (of(name, connections, "requests_per_second") for name in ("fanlight", "verdaccio"))
        p99 = [of(name, connections, "p99_us") / 1000 for name in ("fanlight", "verdaccio")]
        ratio = f"{ours / theirs:,.0f}" if theirs else "no answer in time"
        rows.append(f"| {connections} | {ours:,.0f}/s | {theirs:.2f}/s | {ratio} | {p99[0]:,.1f} ms | {p99[1]:,.0f} ms |")
    memory = "\n".join(
        f"| {name} | {m['idle'] / 1e6:.0f} MB | {m['warm'] / 1e6:.0f} MB | {m['after_load'] / 1e6:.0f} MB |"
        for name, m in (("Fanlight", figures["memory"]["fanlight"]), ("verdaccio", figures["memory"]["verdaccio"]))
    )
    bad = sum(r["bad_status"] + r["broken"] + r["timeouts"] for c in figures["cells"] for r in c["rounds"])
    sizes = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in figures["bytes"].items())
    return f"""## A packument of 8 MB

The npm door beside verdaccio {figures["verdaccio"]} with its filter (`minAgeDays: 7`) on node {figures["node"]}, in turn in one run: a package
of {PACKAGE_VERSIONS:,} releases, the newest an hour old and held back by both, asked for as npm asks, warm, uncompressed ({sizes}).
To reach: p99 under 50 ms at 20 connections, and 20 times verdaccio's rate.{f" {bad} answers were wrong, broken or late." if bad else ""}

| connections | Fanlight | verdaccio | multiple | p99 of Fanlight | of verdaccio |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

| resident memory | idle | with the packument | after the load |
| --- | --- | --- | --- |
{memory}

"""
