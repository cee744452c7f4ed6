"""Why a target is not reached, by target; shown only where the figures say that it is not."""

EXPLANATIONS: dict[str, str] = {}
