"""The record a page at a time, out of a million: as the console's Activity asks for it, over one kept connection.

Places are drawn at random, so that nothing is near at hand because a page before it was there.
"""

import http.client
import json
import random
import statistics
import time

from . import load, tools
from .servers import AS_PIP, Fanlight
from .upstream import SMALL_PROJECT

RECORDS = 1_000_000
PAGES = 400
# What is looked for beside the place: nothing; what most records are; what is rare; what there is none of.
ASKED = {
    "any record": {},
    "files handed out": {"action": "packages:fetch-file"},
    "acts of the console's own": {"action": "console:"},
    "a policy that decided nothing": {"policy": "no-such-policy"},
}


def fill(server: Fanlight, seconds: float) -> None:
    """Asks for an index page until there are a million records: real ones, each made by a request."""
    while server.records() < RECORDS:
        tools.say(f"{server.records():,} records so far")
        load.wrk(server.page(SMALL_PROJECT), AS_PIP, 64, max(seconds, 5))
        # A checkpoint follows its records within a second.
        time.sleep(1.5)


def measure(server: Fanlight, seconds: float) -> dict:
    fill(server, seconds)
    tools.say("pages of the record")
    secret = (server.folder / "state" / "run" / "operator.token").read_text().strip()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    head = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    records, draw, rows = server.records(), random.Random(1), []
    for name, wanted in ASKED.items():
        took, found = [], 0
        for _ in range(PAGES):
            ask = {**wanted, "before": draw.randrange(1, records), "limit": 50}
            began = time.perf_counter()
            connection.request("POST", "/v1/ledger/page", json.dumps(ask), head)
            answer = connection.getresponse()
            body = answer.read()
            took.append(time.perf_counter() - began)
            if answer.status != 200:
                raise RuntimeError(f"a page of the record answers {answer.status}: {body[:300]!r}")
            found += len(json.loads(body)["lines"])
        took.sort()
        rows.append({
            "asked": name, "pages": PAGES, "found": found, "p50": statistics.median(took), "p99": took[int(PAGES * 0.99)],
            "longest": took[-1],
        })
    connection.close()
    return {"records": records, "rows": rows}
