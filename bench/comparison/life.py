"""What is not load: cold installs, starts on an existing state, memory."""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from . import tools, upstream
from .places import WORK
from .process import Process
from .servers import Devpi, Fanlight, Proxpi, Server


def install(index: str, into: Path) -> float:
    """Seconds of one `pip install` of five small wheels with nothing cached by pip."""
    shutil.rmtree(into, ignore_errors=True)
    command = [
        sys.executable, "-m", "pip", "install", "--isolated", "--quiet", "--disable-pip-version-check",
        "--no-cache-dir", "--no-compile", "--target", into, "--index-url", index, upstream.INSTALLED,
    ]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - began
    missing = [name for name in upstream.TREE if not (into / name.replace("-", "_")).is_dir()]
    if missing:
        raise RuntimeError(f"the install through {index} lacks {missing}")
    return took


def cold_installs(kinds: list[type[Server]], base: str, times: int) -> dict[str, list[float]]:
    """In each round every server starts on an empty state; `upstream` is the same install without a server between."""
    out: dict[str, list[float]] = {"upstream": []}
    for number in range(times):
        tools.say(f"cold install, round {number + 1}")
        out["upstream"].append(install(f"{base}/simple/", WORK / "installed"))
        for kind in (Fanlight, Devpi, Proxpi):
            if kind not in kinds:
                continue
            folder = WORK / "cold" / kind.name
            shutil.rmtree(folder, ignore_errors=True)
            server = kind(folder, base)
            server.start()
            try:
                time.sleep(1)
                out.setdefault(kind.name, []).append(install(server.simple, WORK / "installed"))
            finally:
                server.end()
    return out


def idle_rss(process: Process, seconds: float = 3) -> int:
    time.sleep(seconds)
    return process.rss_bytes()


def starts(server: Server, times: int) -> dict:
    """Starts on the state there is; each is ended before the next. Memory is that of the last, a moment after it is
    ready."""
    took, rss = [], 0
    for number in range(times):
        took.append(server.start())
        if number == times - 1:
            rss = idle_rss(server.process)
        server.end()
    return {"seconds": took, "median": statistics.median(took), "rss_idle_bytes": rss}
