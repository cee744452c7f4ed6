"""Load by wrk: one thread, keep-alive, the same for all servers; several rounds with the servers in turn."""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from . import tools, upstream
from .places import WORK
from .process import get
from .servers import AS_PIP, JSON_ACCEPT, Server

# Prints what the bench wants to know; wrk's own summary is for people.
SCRIPT = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\nBENCH {"requests":%d,"bytes":%d,"microseconds":%d,"p50_us":%d,"p99_us":%d,' ..
    '"bad_status":%d,"broken":%d,"timeouts":%d}\\n', summary.requests, summary.bytes, summary.duration,
    latency:percentile(50), latency:percentile(99), e.status, e.connect + e.read + e.write, e.timeout))
end
"""
# Whoever needs longer than this for its connections' requests is measured for as long as that takes, in fewer rounds.
SLOW_ROUNDS = 2


@dataclass
class Workload:
    """One thing asked for."""

    name: str
    project: str
    file: str | None
    headers: dict[str, str]
    connections: tuple[int, ...] = (1, 20, 64)

    def url(self, server: Server) -> str:
        return server.file(self.project, self.file) if self.file else server.page(self.project)


AS_JSON = {**AS_PIP, "Accept": JSON_ACCEPT}
WORKLOADS = [
    Workload("index-30", upstream.SMALL_PROJECT, None, AS_PIP),
    Workload("index-30-json", upstream.SMALL_PROJECT, None, AS_JSON, (64,)),
    Workload("index-2000", upstream.LARGE_PROJECT, None, AS_PIP),
    Workload("index-2000-json", upstream.LARGE_PROJECT, None, AS_JSON, (64,)),
    Workload("file-50k", "medium", upstream.SMALL_FILE, AS_PIP),
    Workload("file-50m", "large", upstream.LARGE_FILE, AS_PIP),
]


def wrk(url: str, headers: dict[str, str], connections: int, seconds: float) -> dict:
    script = WORK / "done.lua"
    script.write_text(SCRIPT)
    command = [
        tools.find("wrk"), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s", "-s", script,
        *(part for name, value in headers.items() for part in ("-H", f"{name}: {value}")), url,
    ]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    line = next(line for line in out.splitlines() if line.startswith("BENCH "))
    figures = json.loads(line.removeprefix("BENCH "))
    took = figures["microseconds"] / 1e6
    figures["requests_per_second"] = figures["requests"] / took
    figures["bytes_per_second"] = figures["bytes"] / took
    return figures


def warm(server: Server, workload: Workload) -> dict:
    """Asks until the server answers by itself with the whole; then how long one answer takes."""
    url = workload.url(server)
    end = time.monotonic() + 60
    while True:
        status, headers, body = get(url, workload.headers)
        # proxpi sends a client that would wait long to the upstream, and serves the file itself once it has it.
        if status == 200 and (not workload.file or workload.project == "medium" or len(body) == upstream.LARGE_BYTES):
            break
        if time.monotonic() > end:
            sys.exit(f"bench: {server.name} answers {status} to {url}")
        time.sleep(0.2)
    time.sleep(0.5)
    times = []
    for _ in range(3):
        began = time.perf_counter()
        get(url, workload.headers)
        times.append(time.perf_counter() - began)
    return {"bytes": len(body), "content_type": headers.get("content-type", ""), "seconds": statistics.median(times)}


def measure(servers: list[Server], seconds: float, rounds: int, longest: float, cells: list[dict]) -> None:
    """All workloads, into `cells`: each has the figures of all rounds of one server."""
    for workload in WORKLOADS:
        warmed = {server.name: warm(server, workload) for server in servers}
        for connections in workload.connections:
            tools.say(f"{workload.name} at {connections} connections")
            of_server: dict[str, list[dict]] = {server.name: [] for server in servers}
            for number in range(rounds):
                for server in servers:
                    single = warmed[server.name]["seconds"]
                    # An interpreter works on one answer at a time: with many clients each waits for all.
                    long = min(longest, 1.5 * connections * single)
                    # Of the large file bytes are counted, so no answer need be whole within a round.
                    is_slow = workload.name != "file-50m" and single > 0.02 and long > seconds
                    if is_slow and number >= SLOW_ROUNDS:
                        continue
                    figures = wrk(workload.url(server), workload.headers, connections, long if is_slow else seconds)
                    of_server[server.name].append(figures)
            for server in servers:
                cells.append({
                    "workload": workload.name, "connections": connections, "server": server.name,
                    "warm": warmed[server.name], "rounds": of_server[server.name],
                })
