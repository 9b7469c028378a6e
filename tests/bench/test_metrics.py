"""Every metric against hand-computed values, scikit-learn, and properties that must hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as sk

from bench.formulas import binary
from bench.metrics import METRICS
from bench.resample import Ranking, event_counts

COUNTED = [metric for metric in METRICS.values() if metric.statistic in ("detection", "counts")]
RANKED = [metric for metric in METRICS.values() if metric.statistic == "curve"]

# gold in rows, predicted in columns: entailment, neutral, contradiction
COUNTS = np.array([[5.0, 2, 1], [3, 20, 7], [1, 4, 10]])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("contradiction_precision", 10 / 18),
        ("contradiction_recall", 10 / 15),
        ("contradiction_f1", 20 / 33),
        ("false_alarm_rate", 8 / 38),
        ("mcc", (10 * 30 - 8 * 5) / np.sqrt(18 * 15 * 38 * 35)),
        ("balanced_accuracy", (10 / 15 + 30 / 38) / 2),
        ("accuracy", 35 / 53),
        ("entailment_f1", 10 / 17),
        ("neutral_f1", 40 / 56),
        ("macro_f1", (10 / 17 + 40 / 56 + 20 / 33) / 3),
    ],
)
def test_by_hand(name, value):
    assert METRICS[name].function(COUNTS) == pytest.approx(value, abs=1e-15)


def curve(positive, score):
    ranking = Ranking(np.array(positive, bool), np.array(score, float), np.zeros(len(score), np.int64), 1)
    return ranking.curve(np.ones((1, 1)))


def test_rank_metrics_by_hand():
    # by score: + - + (tie: + -) -
    values = curve([1, 0, 1, 1, 0, 0], [0.9, 0.8, 0.7, 0.5, 0.5, 0.1])
    assert METRICS["average_precision"].function(values)[0] == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)
    # 9 pairs of + and -: 3 won by the first, 2 by the second, 1.5 by the third
    assert METRICS["auroc"].function(values)[0] == pytest.approx(6.5 / 9)


labels_and_scores = st.integers(2, 60).flatmap(
    lambda n: st.tuples(
        hnp.arrays(np.int64, n, elements=st.integers(0, 2)),
        hnp.arrays(np.int64, n, elements=st.integers(0, 2)),
        hnp.arrays(np.float64, n, elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 0.9, 1.0])),
    )
)

ORACLES = {
    "contradiction_precision": lambda g, p: sk.precision_score(g == 2, p == 2),
    "contradiction_recall": lambda g, p: sk.recall_score(g == 2, p == 2),
    "contradiction_f1": lambda g, p: sk.f1_score(g == 2, p == 2),
    "false_alarm_rate": lambda g, p: 1 - sk.recall_score(g != 2, p != 2),
    "mcc": lambda g, p: sk.matthews_corrcoef(g == 2, p == 2),
    "balanced_accuracy": lambda g, p: sk.balanced_accuracy_score(g == 2, p == 2),
    "accuracy": sk.accuracy_score,
    "macro_f1": lambda g, p: sk.f1_score(g, p, average="macro", labels=[0, 1, 2]),
    "entailment_f1": lambda g, p: sk.f1_score(g == 0, p == 0),
    "neutral_f1": lambda g, p: sk.f1_score(g == 1, p == 1),
}


def test_every_counted_metric_has_an_oracle():
    assert set(ORACLES) == {metric.name for metric in COUNTED}


@pytest.mark.parametrize("metric", COUNTED, ids=lambda metric: metric.name)
@given(data=labels_and_scores)
def test_counted_metrics_agree_with_scikit_learn(metric, data):
    gold, predicted, _ = data
    counts = event_counts(gold, predicted, np.zeros(len(gold), np.int64), 1, 3).sum(0)
    value = metric.function(counts)
    if np.isfinite(value):
        assert value == pytest.approx(ORACLES[metric.name](gold, predicted), abs=1e-12)
        assert metric.low <= value <= metric.high


@given(data=labels_and_scores)
def test_rank_metrics_agree_with_scikit_learn(data):
    gold, _, score = data
    positive = gold == 2
    if not positive.any():
        return
    values = curve(positive, score)
    assert METRICS["average_precision"].function(values)[0] == pytest.approx(
        sk.average_precision_score(positive, score), abs=1e-12
    )
    auroc = METRICS["auroc"].function(values)[0]
    if positive.all():
        assert np.isnan(auroc)
    else:
        assert auroc == pytest.approx(sk.roc_auc_score(positive, score), abs=1e-12)


@given(data=labels_and_scores, seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_weighted_curves_agree_with_scikit_learn_on_weighted_pairs(data, seed):
    gold, _, score = data
    positive = gold == 2
    generator = np.random.default_rng(seed)
    event = generator.integers(5, size=len(gold))
    weights = generator.integers(0, 4, size=(1, 5)).astype(float)
    each = weights[0][event]
    if not positive.any() or (each * positive).sum() == 0 or (each * ~positive).sum() == 0:
        return
    values = Ranking(positive, score, event, 5).curve(weights)
    assert METRICS["average_precision"].function(values)[0] == pytest.approx(
        sk.average_precision_score(positive, score, sample_weight=each), abs=1e-12
    )
    assert METRICS["auroc"].function(values)[0] == pytest.approx(
        sk.roc_auc_score(positive, score, sample_weight=each), abs=1e-12
    )


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("contradiction_precision", [[1, 2, 0], [3, 4, 0], [5, 6, 0]]),
        ("contradiction_recall", [[1, 2, 3], [3, 4, 1], [0, 0, 0]]),
        ("contradiction_f1", [[1, 2, 0], [3, 4, 0], [0, 0, 0]]),
        ("false_alarm_rate", [[0, 0, 0], [0, 0, 0], [5, 6, 7]]),
        ("mcc", [[1, 2, 0], [3, 4, 0], [5, 6, 0]]),
        ("balanced_accuracy", [[1, 2, 3], [3, 4, 1], [0, 0, 0]]),
        ("accuracy", [[0] * 3] * 3),
        ("macro_f1", [[0, 0, 0], [0, 4, 1], [0, 1, 7]]),
        ("entailment_f1", [[0, 0, 0], [0, 4, 1], [0, 1, 7]]),
        ("neutral_f1", [[4, 0, 0], [0, 0, 0], [1, 0, 7]]),
    ],
)
def test_undefined_is_nan_and_never_zero(name, counts):
    assert np.isnan(METRICS[name].function(np.array(counts, float)))
    assert METRICS[name].undefined


@pytest.mark.parametrize("metric", [m for m in COUNTED if not m.three_way], ids=lambda metric: metric.name)
@given(counts=hnp.arrays(np.int64, (3, 3), elements=st.integers(0, 50)))
def test_detection_needs_only_two_classes(metric, counts):
    counts = counts.astype(float)
    folded = np.reshape([*binary(counts)], (2, 2))
    np.testing.assert_allclose(metric.function(counts), metric.function(folded), atol=1e-12)


@pytest.mark.parametrize("metric", COUNTED, ids=lambda metric: metric.name)
def test_metrics_work_over_leading_axes(metric):
    stacked = np.random.default_rng(0).integers(0, 9, size=(4, 5, 3, 3)).astype(float)
    values = metric.function(stacked)
    assert values.shape == (4, 5)
    assert values[2, 3] == pytest.approx(float(metric.function(stacked[2, 3])), nan_ok=True)
