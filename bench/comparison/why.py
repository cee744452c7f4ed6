"""Why a target is not reached, by target; shown only where the figures say that it is not."""

SYNC = "each answer here waits until its record is synced to the disk, which the peer does not do"

EXPLANATIONS: dict[str, str] = {
    "index-nginx": (
        "64 connections wait for a sync together, so syncs that are slow, or other work on the cores that the server, the "
        "ledger's writer and wrk share, show at once"
    ),
    "index-devpi": SYNC,
    "index-proxpi": f"{SYNC}; where nginx itself is under a hundred times this peer (see below), nothing on this machine reaches it",
    "file-nginx": "not explained yet: on busy cores the rounds differ widely, see the spread; to be measured again on an idle machine",
    "decision-afresh": (
        "the conditions of all policies about an action are judged one after the other, and the built-in ones have become "
        "more; on this machine the median moves by a fifth from run to run"
    ),
    "ledger-rate": "256 callers wait for a sync together, so its cost and the cores left for the callers set the rate",
    "ledger-p99": "a sync takes longer than that at the 99th of 100 on this disk while other programs use it",
    "ledger-verify": "verifying hashes and reads on all cores there are; fewer or busy ones take longer",
}
