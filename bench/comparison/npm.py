"""The npm door beside verdaccio with its filter: one packument of 8 MB, warm, as npm asks for it.

Both hold back what is younger than seven days, and look at the upstream again after a minute. It is asked for packed with gzip, as every
npm does, and plain, so that bytes are compared with the same bytes; plain also of nginx, which sends them from disk and is the limit.
"""

import json
import shutil
import statistics
import subprocess
import time

from . import life, load, tools
from .places import WORK
from .process import Process, get
from .servers import Fanlight, Nginx, Server
from .upstream import PACKAGE, PACKAGE_VERSIONS, SMALL_PROJECT

AS_NPM = {
    "Accept": "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*",
    "User-Agent": "npm/11.6.0 node/v24.0.0 linux x64",
}
FORMS = {"gzip": {**AS_NPM, "Accept-Encoding": "gzip, deflate, br"}, "plain": AS_NPM}
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


class Limit(Nginx):
    """nginx with the very bytes that Fanlight answers with."""

    @property
    def packument(self) -> str:
        return self.page(PACKAGE)

    def furnish(self, body: bytes) -> None:
        self.put(f"simple/{PACKAGE}.json", body)
        # What it is looked at to see whether it is up.
        self.put(f"simple/{SMALL_PROJECT}.json", b"{}")


def measure(base: str, seconds: float, rounds: int, longest: float) -> dict:
    """Rate and latency at 1 and 20 connections, servers in turn; memory idle, warm and after the load."""
    servers: list[NpmDoor | Verdaccio | Limit] = []
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
        limit = Limit(WORK / "npm" / "nginx", base)
        servers.append(limit)
        limit.furnish(get(servers[0].packument, AS_NPM)[2])
        limit.start()
        out["single"][limit.name] = timed(limit.packument)
        for form in FORMS:
            for connections in (1, 20):
                tools.say(f"a packument of 8 MB at {connections} connections, {form}")
                asked = [server for server in servers if form == "plain" or server is not limit]
                out["cells"] += in_turn(asked, form, connections, (seconds, rounds, longest), out["single"])
        for name, server in ((server.name, server) for server in servers if server is not limit):
            out["memory"][name]["after_load"] = life.idle_rss(server.process, 1)
    finally:
        for server in servers:
            server.end()
    return out


def in_turn(servers: list, form: str, connections: int, lengths: tuple[float, int, float], single: dict) -> list[dict]:
    seconds, rounds, longest = lengths
    cells = {server.name: [] for server in servers}
    for number in range(rounds):
        for server in servers:
            # An answer of an interpreter waits for all before it.
            long = min(longest, max(seconds, 1.5 * connections * single[server.name]))
            if long > seconds and number >= load.SLOW_ROUNDS:
                continue
            cells[server.name].append(load.wrk(server.packument, FORMS[form], connections, long))
    return [{"server": name, "form": form, "connections": connections, "rounds": got} for name, got in cells.items()]


def warm(server: "NpmDoor | Verdaccio", out: dict) -> float:
    """Asks until it is there, looks that the fresh release is held back, and tells how long one answer takes."""
    status, _, body = get(server.packument, AS_NPM)
    if status != 200 or FRESH in json.loads(body)["versions"]:
        raise RuntimeError(f"{server.name} answers {status}, or lists what is fresh")
    status, headers, packed = get(server.packument, FORMS["gzip"])
    coding = headers.get("content-encoding", "plain")
    out["bytes"][server.name] = {"plain": len(body), "gzip": len(packed), "coding": coding}
    return statistics.median(timed(server.packument) for _ in range(3))


def timed(url: str) -> float:
    began = time.perf_counter()
    get(url, AS_NPM)
    return time.perf_counter() - began


def node() -> str:
    return subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def cells_of(figures: dict) -> dict:
    return {(c["server"], c["form"], c["connections"]): c["rounds"] for c in figures["cells"]}


def reached(figures: dict | None) -> tuple[float | None, float | None]:
    """As npm asks, at 20 connections: p99 in seconds, and the rate as a multiple of verdaccio's."""
    if not figures:
        return None, None
    cells = cells_of(figures)
    ours, theirs = (cells[name, "gzip", 20] for name in ("fanlight", "verdaccio"))
    rates = [statistics.median(r["requests_per_second"] for r in rounds) for rounds in (ours, theirs)]
    return statistics.median(r["p99_us"] for r in ours) / 1e6, rates[0] / rates[1] if rates[1] else None


def section(figures: dict | None) -> str:
    """The part of docs/benchmarks.md."""
    if not figures:
        return ""
    cells, rows = cells_of(figures), []
    for form in FORMS:
        for connections in (1, 20):
            of = {name: cells.get((name, form, connections)) for name in ("fanlight", "verdaccio", "nginx")}
            rate = {name: statistics.median(r["requests_per_second"] for r in got) for name, got in of.items() if got}
            late = {name: statistics.median(r["p99_us"] for r in got) / 1000 for name, got in of.items() if got}
            ratio = f"{rate['fanlight'] / rate['verdaccio']:,.0f}" if rate["verdaccio"] else "no answer in time"
            shown = [f"{rate[name]:,.{0 if rate[name] >= 10 else 2}f}/s" if name in rate else "" for name in of]
            p99 = [f"{late[name]:,.1f} ms" if name in late else "" for name in of]
            rows.append(" | ".join(["", f"{form}, {connections}", *shown, ratio, *p99, ""]).strip())
    memory = "\n".join(
        f"| {name} | {m['idle'] / 1e6:.0f} MB | {m['warm'] / 1e6:.0f} MB | {m['after_load'] / 1e6:.0f} MB |"
        for name, m in (("Fanlight", figures["memory"]["fanlight"]), ("verdaccio", figures["memory"]["verdaccio"]))
    )
    bad = sum(r["bad_status"] + r["broken"] + r["timeouts"] for c in figures["cells"] for r in c["rounds"])
    sizes = ", ".join(
        f"{name} {size['plain'] / 1e6:.1f} MB plain and {size['gzip'] / 1e6:.2f} MB where gzip is asked for ({size['coding']})"
        for name, size in figures["bytes"].items()
    )
    return f"""## A packument of 8 MB

The npm door beside verdaccio {figures["verdaccio"]} with its filter (`minAgeDays: 7`) on node {figures["node"]}, in turn in one run: a package
of {PACKAGE_VERSIONS:,} releases, the newest an hour old and held back by both, warm; asked for with gzip, as every npm asks, and plain
({sizes}). nginx sends the plain bytes from disk: the limit. To reach, as npm asks: p99 under 50 ms at 20
connections, and 20 times verdaccio's rate.{f" {bad} answers were wrong, broken or late." if bad else ""}

| form, connections | Fanlight | verdaccio | nginx | multiple of verdaccio | p99 of Fanlight | of verdaccio | of nginx |
| --- | --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

| resident memory | idle | with the packument | after the load |
| --- | --- | --- | --- |
{memory}

"""
