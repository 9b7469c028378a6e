"""CounterClaim: contradiction detection in news, on real disputes, scored honestly.

Everything is reachable from here, and nothing heavy is imported until it is used:

    >>> import bench
    >>> pairs = bench.load_pairs("test")            # typed records
    >>> report = bench.score(pairs, predictions)    # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.comparison import compare as compare
    from bench.comparison import contrast as contrast
    from bench.issues import BadInputError as BadInputError
    from bench.load import load_claims as load_claims
    from bench.load import load_dataset as load_dataset
    from bench.load import load_manifest as load_manifest
    from bench.load import load_pairs as load_pairs
    from bench.predictions import read_predictions as read_predictions
    from bench.predictions import write_predictions as write_predictions
    from bench.schema import LABELS as LABELS
    from bench.schema import Pair as Pair
    from bench.schema import Prediction as Prediction
    from bench.scoring import score as score

__version__ = "0.1.0"

_HOMES = {
    "BadInputError": "issues",
    "LABELS": "schema",
    "Pair": "schema",
    "Prediction": "schema",
    "compare": "comparison",
    "contrast": "comparison",
    "load_claims": "load",
    "load_dataset": "load",
    "load_manifest": "load",
    "load_pairs": "load",
    "read_predictions": "predictions",
    "score": "scoring",
    "write_predictions": "predictions",
}

__all__ = [  # noqa: PLE0604 - the names are the keys above
    "__version__",
    *_HOMES,
]


def __getattr__(name: str) -> object:
    """Import the module that a public name lives in when the name is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bench' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"bench.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
