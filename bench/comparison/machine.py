"""The machine: what it is, what a sync costs on its disk, and which versions were measured."""

import os
import platform
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from . import tools
from .places import ROOT


def first_line(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    text = (done.stdout + done.stderr).strip()
    return text.splitlines()[0] if text else ""


def cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def file_system(folder: Path) -> str:
    done = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True)
    return done.stdout.strip()


def sync_cost(folder: Path, times: int = 500, size: int = 4096) -> dict[str, float]:
    """Milliseconds of one `fdatasync` after appending `size` bytes in `folder`."""
    place, took = folder / "sync-probe", []
    with place.open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(b"x" * size)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    place.unlink()
    took.sort()
    return {"bytes": size, "median_ms": statistics.median(took), "p99_ms": took[int(times * 0.99)]}


def commit() -> str:
    return first_line("git", "-C", ROOT, "rev-parse", "--short=12", "HEAD")


def describe(binary: Path | None, work: Path) -> dict:
    wrk = re.search(r"wrk (\S+)", first_line(tools.find("wrk"), "-v"))
    # Two loads are told: before the run, so that a reader sees whether anything else was using the machine.
    return {
        "cores": os.cpu_count(),
        "cpu": cpu(),
        "memory_bytes": memory_bytes(),
        "kernel": f"{platform.system()} {platform.release()}",
        "file_system": file_system(work),
        "sync": sync_cost(work),
        "load_before": os.getloadavg(),
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "versions": {
            "fanlight": first_line(binary, "--version") if binary else "",
            "commit": commit(),
            "rustc": first_line("rustc", "--version"),
            "nginx": first_line(tools.find("nginx"), "-v").removeprefix("nginx version: "),
            "wrk": wrk.group(1) if wrk else "",
            "python": platform.python_version(),
            "pip": first_line(sys.executable, "-m", "pip", "--version").split(" from ")[0],
            "devpi": tools.peer_versions("devpi"),
            "proxpi": tools.peer_versions("proxpi"),
        },
    }
