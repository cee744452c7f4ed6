"""Why a target is not reached, by target; shown only where the figures say that it is not."""

PEER = (
    "a hundred times the peer would be more than nginx itself reaches on this machine; each answer here also waits for a "
    "sync of the disk"
)

EXPLANATIONS: dict[str, str] = {
    "index-nginx": (
        "64 connections wait for a sync together, so syncs that are slow, or other work on the cores that the server, the "
        "ledger's writer and wrk share, show at once"
    ),
    "index-devpi": PEER,
    "index-proxpi": PEER,
    "file-nginx": "not explained yet: on busy cores the rounds differ widely, see the spread; to be measured again on an idle machine",
    "ledger-rate": "256 callers wait for a sync together, so its cost and the cores left for the callers set the rate",
    "ledger-p99": "a sync takes longer than that at the 99th of 100 on this disk while other programs use it",
    "ledger-verify": "verifying hashes and reads on all cores there are; fewer or busy ones take longer",
}
