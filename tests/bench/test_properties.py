"""What must hold of every metric, over whole sets of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

import bench
from bench.gold import gold_of
from bench.metrics import METRICS
from bench.predictions import from_records
from bench.schema import LABELS, Prediction
from bench.scoring import Task, figures
from bench.sufficient import BINS, COVERAGES, outcome
from tests.conftest import make_pair

NAMES = list(LABELS)
EVERY = list(METRICS.values())


@st.composite
def scored(draw, copies=1):
    """Pairs of some events, both directions, and three-way predictions."""
    seed, events, claims = draw(st.integers(0, 10_000)), draw(st.integers(2, 6)), draw(st.integers(2, 4))
    generator = np.random.default_rng(seed)
    pairs, predictions = [], []
    for event in range(events):
        for a in range(claims):
            for b in range(claims):
                if a == b:
                    continue
                label = NAMES[generator.integers(3)]
                scores = np.round(generator.dirichlet([1, 1, 1]), 2)
                scores[2] = round(1 - scores[0] - scores[1], 2)
                for copy in range(copies):
                    id = f"e{event}x{copy}/c{a}-c{b}"
                    pairs.append(make_pair(id, label, domain=["politics", "health"][event % 2]))
                    predictions.append(
                        Prediction(pair_id=id, scores=dict(zip(LABELS, map(float, scores), strict=True)))
                    )
    return pairs, predictions


def values(pairs, predictions):
    report = bench.score(pairs, predictions, replicates=0)
    return {name: figure.value for name, figure in report.figures.items()}


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert value == pytest.approx(other[name], abs=1e-12), name


@given(scored(), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_does_not_matter(data, random):
    pairs, predictions = data
    shuffled, others = random.sample(pairs, len(pairs)), random.sample(predictions, len(predictions))
    one = bench.score(pairs, predictions, replicates=40)
    assert one.figures == bench.score(shuffled, others, replicates=40).figures


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_every_event_twice_changes_no_value(data):
    seed = data.draw(scored())
    pairs, predictions = seed
    doubled = [
        (make_pair(p.pair_id.replace("x0", "x1"), p.label, domain=p.domain), q)
        for p, q in zip(pairs, predictions, strict=True)
    ]
    more = pairs + [pair for pair, _ in doubled]
    answers = predictions + [Prediction(pair_id=pair.pair_id, scores=q.scores) for pair, q in doubled]
    assert_same(values(pairs, predictions), values(more, answers))


@given(scored())
@settings(max_examples=25, deadline=None)
def test_values_and_intervals_keep_their_bounds(data):
    report = bench.score(*data, replicates=60)
    for name, figure in report.figures.items():
        metric = METRICS[name]
        if figure.value is None:
            assert figure.undefined
            continue
        assert metric.low <= figure.value <= metric.high
        if figure.low is not None:
            assert metric.low <= figure.low <= figure.high <= metric.high


@given(scored())
@settings(max_examples=25, deadline=None)
def test_swapping_both_sides_of_every_pair_changes_what_is_symmetric_not_at_all(data):
    """Detection, three-way and calibration figures do not know which text comes first."""
    pairs, predictions = data

    def turned(id):
        event, _, ends = id.partition("/")
        return f"{event}/{'-'.join(reversed(ends.split('-')))}"

    swapped = [make_pair(turned(p.pair_id), p.label, domain=p.domain) for p in pairs]
    answers = [Prediction(pair_id=turned(q.pair_id), scores=q.scores) for q in predictions]
    one, other = values(pairs, predictions), values(swapped, answers)
    keep = {metric.name for metric in EVERY if metric.name != "triad_violation"}
    assert_same({k: v for k, v in one.items() if k in keep}, {k: v for k, v in other.items() if k in keep})


@given(scored(), st.sampled_from([lambda x: x**3, lambda x: x / 2, np.sqrt]))
@settings(max_examples=25, deadline=None)
def test_rank_metrics_know_only_the_order_of_scores(data, change):
    pairs, predictions = data
    binary = [Prediction(pair_id=q.pair_id, score=q.scores["contradiction"]) for q in predictions]
    changed = [Prediction(pair_id=q.pair_id, score=float(change(q.score))) for q in binary]
    one, other = values(pairs, binary), values(pairs, changed)
    for metric in EVERY:
        if metric.statistic == "curve":
            assert one[metric.name] == pytest.approx(other[metric.name], abs=1e-12)


@given(scored())
@settings(max_examples=25, deadline=None)
def test_raising_the_score_of_a_contradiction_lowers_no_rank_metric(data):
    pairs, predictions = data
    binary = [Prediction(pair_id=q.pair_id, score=q.scores["contradiction"] / 2) for q in predictions]
    chosen = next((n for n, pair in enumerate(pairs) if pair.label == "contradiction"), None)
    if chosen is None:
        return
    better = [*binary]
    better[chosen] = Prediction(pair_id=binary[chosen].pair_id, score=1.0)
    one, other = values(pairs, binary), values(pairs, better)
    for metric in EVERY:
        if metric.statistic == "curve" and one[metric.name] is not None:
            assert other[metric.name] >= one[metric.name] - 1e-12


@given(scored())
@settings(max_examples=10, deadline=None)
def test_a_perfect_system_is_perfect(data):
    pairs, _ = data
    perfect = [
        Prediction(pair_id=p.pair_id, scores={name: float(name == p.label) for name in LABELS}) for p in pairs
    ]
    best = values(pairs, perfect)
    for metric in EVERY:
        value = best[metric.name]
        if value is not None and metric.name != "triad_violation":  # random gold breaks triads itself
            assert value == (metric.high if metric.higher_is_better else metric.low), metric.name


def columns(data):
    pairs, predictions = data
    gold = gold_of(pairs)
    return gold, outcome(gold, from_records(predictions, gold.pair_ids), 0.5)


@given(scored())
@settings(max_examples=25, deadline=None)
def test_calibration_agrees_with_other_libraries(data):
    _, result = columns(data)
    found = values(*data)
    assert found["brier"] == pytest.approx(brier_score_loss(result.positive, result.score, pos_label=True))
    wrong = result.predicted != result.label
    edges = np.quantile(-result.confidence, np.arange(1, COVERAGES) / COVERAGES, method="inverted_cdf")
    place = np.searchsorted(np.unique(edges), -result.confidence)
    risks = [wrong[place <= own].mean() for own in place]
    assert found["aurc"] == pytest.approx(np.mean(risks))


def test_expected_calibration_error_agrees_with_scikit_learn():
    generator = np.random.default_rng(1)
    score = generator.random(1500)
    label = ["contradiction" if x else "neutral" for x in generator.random(1500) < score**2]
    pairs = [make_pair(f"e{n // 10}/c1-c{n}", name) for n, name in enumerate(label)]
    predictions = [Prediction(pair_id=p.pair_id, score=float(x)) for p, x in zip(pairs, score, strict=True)]
    share, mean = calibration_curve(
        [name == "contradiction" for name in label], score, n_bins=BINS, strategy="quantile"
    )
    found = values(pairs, predictions)["ece"]
    assert found == pytest.approx(np.abs(share - mean).mean(), abs=1e-9)  # every bin holds 100 pairs


@given(scored())
@settings(max_examples=10, deadline=None)
def test_worst_domain_is_the_lowest_slice(data):
    report = bench.score(*data, replicates=0)
    slices = [part.figures["contradiction_f1"].value for part in report.slices if part.field == "domain"]
    known = [value for value in slices if value is not None]
    assert report.figures["worst_domain_f1"].value == (min(known) if known else None)


@pytest.mark.slow
def test_the_event_bootstrap_covers_and_the_row_bootstrap_does_not():
    """On data whose pairs hang together within events, 95% intervals hold the truth in about 95% of samples."""
    generator = np.random.default_rng(0)
    events, each, samples = 60, 20, 300

    def sample(count):
        skill = generator.beta(2, 2, count).repeat(each)  # how easy an event is
        gold = generator.random(count * each) < 0.3
        right = generator.random(count * each) < skill
        return gold, np.where(right, gold, ~gold), np.arange(count).repeat(each)

    def f1(gold, said):
        return 2 * (gold & said).sum() / (gold.sum() + said.sum())

    gold, said, _ = sample(200_000)
    truth = f1(gold, said)
    hits = {"event": 0, "row": 0}
    for _ in range(samples):
        gold, said, event = sample(events)
        for unit, cluster in (("event", event), ("row", np.arange(len(gold)))):
            pairs = Columns(gold, said, cluster)
            (found,) = figures(
                pairs.outcome, [Task(np.arange(len(gold)), events, [METRICS["contradiction_f1"]])], 400, 0
            )
            hits[unit] += found["contradiction_f1"].low <= truth <= found["contradiction_f1"].high
    assert 0.91 <= hits["event"] / samples <= 0.98
    assert hits["row"] / samples < 0.85


class Columns:
    """Gold and decisions without pairs behind them."""

    def __init__(self, gold, said, event):
        from bench.gold import Gold
        from bench.sufficient import Outcome

        self.gold = Gold(
            labels=("not_contradiction", "contradiction"), pair_ids=None, label=gold.astype(np.int64), event=event,
            events=int(event.max()) + 1, ambiguous=np.zeros(len(gold), bool), claims=None, slices={},
        )  # fmt: skip
        self.outcome = Outcome(
            self.gold, self.gold.labels, self.gold.label, said.astype(np.int64), None, None
        )
