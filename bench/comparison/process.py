"""Processes of the bench: started, watched and ended one by one, by their own id."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url: str, headers: dict[str, str] | None = None, data: bytes | None = None, method: str | None = None,
        timeout: float = 120) -> tuple[int, dict[str, str], bytes]:
    """One request, without any proxy of the environment."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    try:
        with opener.open(request, timeout=timeout) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, {k.lower(): v for k, v in refused.headers.items()}, refused.read()


class Process:
    """A program that runs until it is told to end."""

    def __init__(self, command: list, log: Path, env: dict[str, str] | None = None, cwd: Path | None = None,
                 ready_line: bool = False) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        self.began = time.perf_counter()
        out = subprocess.PIPE if ready_line else log.open("ab")
        self.child = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=log.open("ab"),
            env={**os.environ, **(env or {})}, cwd=cwd,
        )

    def line(self) -> tuple[str, float]:
        """The first line on standard output, and the seconds until it came."""
        line = self.child.stdout.readline().decode()
        took = time.perf_counter() - self.began
        if not line.startswith("ready "):
            raise RuntimeError(f"{self.child.args[0]} did not get ready; see {self.log}")
        return line.split()[1], took

    def until(self, url: str, headers: dict[str, str], seconds: float = 180) -> float:
        """The seconds until `url` answers with 200."""
        while time.perf_counter() - self.began < seconds:
            if self.child.poll() is not None:
                raise RuntimeError(f"{self.child.args[0]} ended by itself; see {self.log}")
            try:
                if get(url, headers, timeout=10)[0] == 200:
                    return time.perf_counter() - self.began
            except OSError:
                pass
            time.sleep(0.005)
        raise RuntimeError(f"{self.child.args[0]} did not answer at {url}; see {self.log}")

    def rss_bytes(self) -> int:
        """Resident memory of the process and of those it started."""
        return sum(resident(pid) for pid in family(self.child.pid))

    def end(self) -> None:
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait(10)


def family(pid: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rsplit(")", 1)[1].split()[1])
    members, new = [pid], [pid]
    while new:
        new = [child for child, parent in parents.items() if parent in new]
        members += new
    return members


def resident(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
