"""People, their tokens and the record in pages: what the crates' own programs print, and pages.py."""

import os
import re
import subprocess
from pathlib import Path

from . import tools
from .inner import TIME, seconds


def measure(binary: Path, built: Path | None) -> dict:
    def run(package: str, program: str, *arguments: str) -> str:
        path = built / program if built else tools.build_example(package, program)
        tools.say(f"running {program}")
        environment = {**os.environ, "FANLIGHT_BIN": str(binary)}
        done = subprocess.run([path, *arguments], capture_output=True, text=True, check=True, env=environment)
        return done.stdout

    texts = [
        run("fanlight-identity", "token-bench"), run("fanlight-credentials", "login-bench"),
        run("fanlight-tests", "directory-bench"),
    ]
    text = "".join(texts)

    def found(pattern: str) -> re.Match[str]:
        match = re.search(pattern, text)
        if not match:
            raise RuntimeError(f"what the measuring programs print has changed:\n{text}")
        return match

    revoked = found(rf"(\d+) revocations in .* checked (\d+) tokens; from asking to refused at most {TIME}")
    people = found(r"looked for and sent: (\d+) in ([\d.]+) s")
    listed = found(rf"people a page of \d+ at a time: (\d+) pages, p50 {TIME}, p99 {TIME}")
    return {
        "text": text,
        "checks": float(found(r"token checks, \d+ callers remembered: (\d+) a second of CPU")[1]),
        "revocation": seconds(revoked[3], revoked[4]),
        "passwords": float(found(r"passwords: ([\d.]+) logins/s")[1]),
        "passkeys": float(found(r"passkeys: (\d+) logins/s")[1]),
        "people": int(people[1]), "directory": float(people[2]),
        "list_p99": seconds(listed[4], listed[5]),
    }


def section(figures: dict | None, pages: dict | None) -> str:
    """The part of docs/benchmarks.md."""
    out = ""
    if figures:
        out += f"""## People

As the crates' own programs print it (`token-bench`, `login-bench`, `directory-bench`); the directory speaks SCIM over 8 connections,
looks for each person before it sends it, and each of these calls is judged and recorded:

```text
{figures["text"].rstrip()}
```

"""
    if pages:
        rows = "\n".join(
            f"| {row['asked']} | {row['pages']} | {row['p50'] * 1000:.1f} ms | {row['p99'] * 1000:.1f} ms | {row['longest'] * 1000:.1f} ms |"
            for row in pages["rows"]
        )
        out += f"""## A million records in pages

{pages["records"]:,} real records, each made by a request; pages of 50 with the names in them, at places drawn at random, as the console's
Activity asks for them. Each such reading is itself judged and recorded.

| what is looked for | pages | p50 | p99 | longest |
| --- | --- | --- | --- | --- |
{rows}

"""
    return out
