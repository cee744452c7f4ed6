"""The crates' own figures: the ledger's and the guard's, read from what their measuring programs print."""

import re
import shutil
import subprocess
from pathlib import Path

from . import tools
from .places import WORK

UNITS = {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0}
TIME = r"([\d.]+)(ns|µs|us|ms|s)"


def seconds(number: str, unit: str) -> float:
    return float(number) * UNITS[unit]


def ledger(built: Path | None) -> dict:
    """Durable records a second from 256 writers; how long verifying a million takes."""
    program = built / "ledger-bench" if built else tools.build_example("fanlight-ledger", "ledger-bench")
    place = WORK / "ledger"
    shutil.rmtree(place, ignore_errors=True)
    tools.say("measuring the ledger")
    text = subprocess.run([program, place], capture_output=True, text=True, check=True).stdout
    shutil.rmtree(place, ignore_errors=True)
    appends = re.search(rf"(\d+) writers, (\d+) bytes: (\d+) records/s, p50 {TIME}, p99 {TIME}, longest {TIME}", text)
    verify = re.search(rf"verifying (\d+) records of \d+ bytes: {TIME}", text)
    opening = re.search(rf"opening a ledger of \d+ records: {TIME}", text)
    if not appends or not verify:
        raise RuntimeError(f"what ledger-bench prints has changed:\n{text}")
    a = appends.groups()
    return {
        "text": text,
        "writers": int(a[0]), "bytes": int(a[1]), "records_per_second": int(a[2]),
        "p50": seconds(a[3], a[4]), "p99": seconds(a[5], a[6]), "longest": seconds(a[7], a[8]),
        "verified": int(verify[1]), "verify": seconds(verify[2], verify[3]),
        "open": seconds(opening[1], opening[2]) if opening else None,
    }


def decisions(built: Path | None) -> dict:
    """The median of one decision with 50 policies, afresh and repeated."""
    program = built / "decision-bench" if built else tools.build_example("fanlight-policy", "decision-bench")
    tools.say("measuring decisions")
    text = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    rows = re.findall(rf"(afresh|remembered): median {TIME}, 99th of 100 {TIME}", text)
    if not rows:
        raise RuntimeError(f"what decision-bench prints has changed:\n{text}")
    measured = [{"kind": r[0], "median": seconds(r[1], r[2]), "p99": seconds(r[3], r[4])} for r in rows]
    return {"text": text, "rows": measured}
