"""Where the bench keeps its things. Everything made while running lies in bench/.work and may be deleted."""

from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
WORK = BENCH / ".work"
RESULTS = BENCH / "results" / "latest.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
