"""How fast the event bootstrap is: `python tests/benchmarks/bootstrap.py`.

5,000 synthetic pairs of 200 events, all detection metrics at once, 10,000 replicates. The peers make the same
replicates of the same metrics, fewer of them, and are scaled: their cost is linear in replicates.
"""

from __future__ import annotations

import os
import platform
import time

import numpy as np
import scipy
import sklearn
from sklearn import metrics as sk

from bench.gold import Gold
from bench.ids import PairIds
from bench.metrics import METRICS
from bench.predictions import Predictions
from bench.schema import LABELS
from bench.scoring import Task, figures
from bench.sufficient import outcome

PAIRS, EVENTS, REPLICATES, PEER_REPLICATES = 5_000, 200, 10_000, 30
DETECTION = [
    metric for metric in METRICS.values() if metric.group == "detection" and metric.statistic != "domains"
]


def synthetic() -> tuple[Gold, Predictions]:
    """Pairs in which scores tell something about labels."""
    generator = np.random.default_rng(0)
    label = generator.choice(3, PAIRS, p=[0.1, 0.7, 0.2])
    scores = generator.dirichlet(np.ones(3), PAIRS) + np.eye(3)[label]
    scores /= scores.sum(1, keepdims=True)
    gold = Gold(
        labels=tuple(LABELS),
        pair_ids=PairIds([str(n) for n in range(PAIRS)]),
        label=label,
        event=np.sort(generator.integers(EVENTS, size=PAIRS)),
        events=EVENTS,
        ambiguous=np.zeros(PAIRS, bool),
        claims=None,
        slices={},
    )
    codes = scores.argmax(1).astype(np.int8)
    return gold, Predictions(codes, scores, scores[:, 2], np.zeros(PAIRS, bool), "")


def scikit_learn(gold: np.ndarray, predicted: np.ndarray, score: np.ndarray) -> list[float]:
    """The detection metrics, one call each, as scripts in the field have them."""
    return [
        sk.f1_score(gold, predicted),
        sk.precision_score(gold, predicted),
        sk.recall_score(gold, predicted),
        1 - sk.recall_score(~gold, ~predicted),
        sk.matthews_corrcoef(gold, predicted),
        sk.balanced_accuracy_score(gold, predicted),
        sk.average_precision_score(gold, score),
        sk.roc_auc_score(gold, score),
    ]


def optional_peers(gold: np.ndarray, predicted: np.ndarray, score: np.ndarray) -> dict[str, float]:
    """Peers that need not be installed; each makes the replicates of the metrics that it has, which are fewer."""
    seconds = {}
    try:
        import confidenceinterval as ci
    except ImportError:
        pass
    else:
        settings = {
            "confidence_level": 0.95,
            "method": "bootstrap_percentile",
            "n_resamples": PEER_REPLICATES,
        }
        whole = gold.astype(int), predicted.astype(int)
        started = time.perf_counter()
        for metric in (
            ci.f1_score,
            ci.ppv_score,
            ci.tpr_score,
            ci.fpr_score,
        ):
            metric(*whole, **({"average": "binary"} if metric is ci.f1_score else {}), **settings)
        ci.roc_auc_score(whole[0], score, **settings)
        seconds["confidenceinterval, 5 of 9"] = (time.perf_counter() - started) * REPLICATES / PEER_REPLICATES
    try:
        import torch
        import torchmetrics.classification as tm
        from torchmetrics.wrappers import BootStrapper
    except ImportError:
        return seconds
    torch.manual_seed(0)
    tensors = torch.tensor(score), torch.tensor(gold.astype(int))
    started = time.perf_counter()
    for kind in (
        tm.BinaryAveragePrecision, tm.BinaryAUROC,
    ):  # fmt: skip
        wrapper = BootStrapper(kind(), num_bootstraps=PEER_REPLICATES, sampling_strategy="multinomial")
        wrapper.update(*tensors)
        wrapper.compute()
    seconds["torchmetrics BootStrapper, 5 of 9"] = (
        (time.perf_counter() - started) * REPLICATES / PEER_REPLICATES
    )
    return seconds


def main() -> None:
    gold, predictions = synthetic()
    result = outcome(gold, predictions, 0.5)
    positive, predicted, score = gold.label == 2, result.predicted == 2, predictions.score
    assert score is not None
    everything = np.arange(PAIRS)

    seconds = {}
    started = time.perf_counter()
    figures(result, [Task(everything, EVENTS, DETECTION)], REPLICATES, 0)
    seconds["bench, event bootstrap"] = time.perf_counter() - started

    members = [np.flatnonzero(gold.event == event) for event in range(EVENTS)]
    generator = np.random.default_rng(0)
    started = time.perf_counter()
    for _ in range(PEER_REPLICATES):
        chosen = np.concatenate([members[event] for event in generator.integers(EVENTS, size=EVENTS)])
        scikit_learn(positive[chosen], predicted[chosen], score[chosen])
    seconds["scikit-learn loop"] = (time.perf_counter() - started) * REPLICATES / PEER_REPLICATES

    def statistic(*drawn: np.ndarray, axis: int = -1) -> list[float]:
        chosen = np.concatenate([members[event] for event in drawn[0]])
        return scikit_learn(positive[chosen], predicted[chosen], score[chosen])

    started = time.perf_counter()
    scipy.stats.bootstrap(
        (np.arange(EVENTS),),
        statistic,
        n_resamples=PEER_REPLICATES,
        method="percentile",
        vectorized=False,
        rng=0,
    )
    seconds["scipy.stats.bootstrap"] = (time.perf_counter() - started) * REPLICATES / (PEER_REPLICATES + 1)

    seconds |= optional_peers(positive, predicted, score)

    print(
        f"{PAIRS:,} pairs, {EVENTS} events, {len(DETECTION)} metrics, {REPLICATES:,} replicates; "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}, "
        f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}"
    )
    own = seconds["bench, event bootstrap"]
    for name, value in seconds.items():
        print(f"{name:34} {value:10.2f} s {value / own:10.1f} times")


if __name__ == "__main__":
    main()
