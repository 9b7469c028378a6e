import io
import json

import numpy as np
import pytest
from sklearn import metrics as sk

import bench
from bench.files import to_json
from bench.issues import BadInputError
from bench.metrics import METRICS
from bench.report import Report, Signature, to_markdown
from bench.schema import LABELS, Prediction
from tests.conftest import make_pair

NAMES = list(LABELS)


def synthetic(events=12, seed=0, three_way=True):
    """Pairs of several events and noisy predictions of them."""
    generator = np.random.default_rng(seed)
    pairs, predictions = [], []
    for event in range(events):
        for first in range(1, 4):
            for second in range(1, 4):
                if first == second:
                    continue
                code = int(generator.choice(3, p=[0.2, 0.5, 0.3]))
                id = f"e{event:02}/c{first}-c{second}"
                reason = None
                if NAMES[code] == "neutral":
                    reason = ["supports", "hedge", "unrelated_detail"][first - 1]
                pairs.append(
                    make_pair(id, NAMES[code], reason=reason, domain=["politics", "health"][event % 2])
                )
                scores = generator.dirichlet(np.eye(3)[code] * 2 + 1)
                predictions.append(
                    Prediction(pair_id=id, scores=dict(zip(LABELS, map(float, scores), strict=True)))
                    if three_way
                    else Prediction(pair_id=id, score=float(scores[2]))
                )
    return pairs, predictions


def test_figures_are_those_of_scikit_learn():
    pairs, predictions = synthetic()
    report = bench.score(pairs, predictions, replicates=0)
    gold = np.array([NAMES.index(pair.label) for pair in pairs])
    scores = np.array([[p.scores[name] for name in NAMES] for p in predictions])
    predicted = scores.argmax(1)
    expected = {
        "contradiction_f1": sk.f1_score(gold == 2, predicted == 2),
        "contradiction_precision": sk.precision_score(gold == 2, predicted == 2),
        "contradiction_recall": sk.recall_score(gold == 2, predicted == 2),
        "mcc": sk.matthews_corrcoef(gold == 2, predicted == 2),
        "balanced_accuracy": sk.balanced_accuracy_score(gold == 2, predicted == 2),
        "average_precision": sk.average_precision_score(gold == 2, scores[:, 2]),
        "auroc": sk.roc_auc_score(gold == 2, scores[:, 2]),
        "accuracy": sk.accuracy_score(gold, predicted),
        "macro_f1": sk.f1_score(gold, predicted, average="macro"),
    }
    for name, value in expected.items():
        assert report.figures[name].value == pytest.approx(value, abs=1e-12)
    assert report.confusion == sk.confusion_matrix(gold, predicted).tolist()


def test_order_of_pairs_and_predictions_does_not_matter():
    pairs, predictions = synthetic()
    one = bench.score(pairs, predictions, replicates=0)
    other = bench.score(pairs[::-1], sorted(predictions, key=lambda p: p.pair_id[::-1]), replicates=0)
    assert one.figures == other.figures
    assert one.data == other.data
    assert one.signature == other.signature


def test_same_seed_same_report_and_another_seed_another_interval():
    pairs, predictions = synthetic()
    one, again, other = (bench.score(pairs, predictions, replicates=300, seed=seed) for seed in (0, 0, 1))
    assert to_json(one) == to_json(again)
    assert one.headline.value == other.headline.value
    assert one.headline.low != other.headline.low


def test_interval_holds_the_value_and_narrows_with_more_events():
    widths = []
    for events in (8, 128):
        figure = bench.score(*synthetic(events), replicates=500).headline
        assert figure.low <= figure.value <= figure.high
        widths.append(figure.high - figure.low)
    assert widths[1] < widths[0] / 2


def test_slices_hold_their_pairs():
    pairs, predictions = synthetic()
    report = bench.score(pairs, predictions, replicates=50)
    slices = {(part.field, part.value): part for part in report.slices}
    assert slices["subset", "hard"].pairs == sum(pair.hard for pair in pairs)
    assert slices["domain", "health"].pairs == len(pairs) // 2
    assert slices["domain", "health"].events == 6
    assert slices["reason", "hedge"].pairs == sum(pair.reason == "hedge" for pair in pairs)
    assert list(slices["reason", "hedge"].figures) == ["false_alarm_rate"]
    assert list(slices["dispute", "status"].figures) == ["contradiction_recall"]
    chosen = [n for n, pair in enumerate(pairs) if pair.domain == "health"]
    part = bench.score([pairs[n] for n in chosen], [predictions[n] for n in chosen], replicates=0)
    assert part.headline.value == pytest.approx(slices["domain", "health"].figures["contradiction_f1"].value)


def test_ambiguous_pairs_need_a_prediction_and_stay_out_of_the_figures():
    pairs, predictions = synthetic()
    marked = [make_pair(pair.pair_id, pair.label, ambiguous=n < 5) for n, pair in enumerate(pairs)]
    report = bench.score(marked, predictions, replicates=0)
    rest = bench.score(marked[5:], predictions[5:], replicates=0)
    assert report.data.ambiguous == 5
    assert report.figures == rest.figures
    with pytest.raises(BadInputError):
        bench.score(marked, predictions[5:], replicates=0)


def test_binary_system_and_its_threshold():
    pairs, predictions = synthetic(three_way=False)
    report = bench.score(pairs, predictions, replicates=0, threshold=0.3)
    gold = np.array([pair.label == "contradiction" for pair in pairs])
    score = np.array([prediction.score for prediction in predictions])
    assert report.headline.value == pytest.approx(sk.f1_score(gold, score >= 0.3))
    assert report.system.binary
    assert "accuracy" not in report.figures
    assert report.confusion == sk.confusion_matrix(gold, score >= 0.3).tolist()
    assert "threshold:0.3" in report.signature


def test_labels_without_scores_have_no_rank_metrics():
    pairs, _ = synthetic()
    report = bench.score(
        pairs, [Prediction(pair_id=pair.pair_id, label="neutral") for pair in pairs], replicates=10
    )
    assert report.figures["average_precision"].value is None
    assert report.figures["average_precision"].undefined == "the system gives labels without scores"
    assert report.figures["contradiction_precision"].value is None
    assert report.figures["contradiction_precision"].undefined == METRICS["contradiction_precision"].undefined
    assert report.figures["contradiction_f1"].value == 0
    assert json.loads(to_json(report))["figures"]["mcc"]["value"] is None


def test_missing_predictions_count_as_wrong_where_that_is_asked_for():
    pairs = [
        make_pair("e1/c1-c2", "contradiction"),
        make_pair("e1/c2-c1", "neutral"),
        make_pair("e2/c1-c2", "entailment"),
    ]
    some = [Prediction(pair_id="e2/c1-c2", label="entailment")]
    with pytest.raises(BadInputError, match="no prediction for this pair"):
        bench.score(pairs, some)
    report = bench.score(pairs, some, on_missing="wrong", replicates=0)
    assert report.system.missing == 2
    assert report.figures["accuracy"].value == pytest.approx(1 / 3)
    assert report.figures["contradiction_recall"].value == 0
    assert report.figures["contradiction_precision"].value == 0
    assert "missing:wrong" in report.signature


def test_signature_parses_back():
    signature = Signature(
        data="1.0.0/test",
        sha256="0123456789abcdef",
        metric="contradiction_f1",
        threshold=0.25,
        on_missing="wrong",
        replicates=10,
        seed=3,
    )
    assert Signature.parse(str(signature)) == signature
    for broken in ("", str(signature) + "x", str(signature).replace("seed", "sead")):
        with pytest.raises(ValueError, match="no signature"):
            Signature.parse(broken)


@pytest.mark.parametrize(
    "arguments", [{"threshold": 1.5}, {"replicates": -1}, {"on_missing": "skip"}], ids=lambda a: next(iter(a))
)
def test_arguments_out_of_range(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        bench.score(*synthetic(), **arguments)


def test_no_pairs():
    with pytest.raises(ValueError, match="no pairs"):
        bench.score([], [])


def test_report_comes_back_from_json_and_prints():
    from rich.console import Console

    from bench.report import show

    report = bench.score(*synthetic(), name="noisy", replicates=50)
    import msgspec

    assert msgspec.json.decode(to_json(report), type=Report) == report
    console = Console(width=100, record=True, file=io.StringIO())
    show(report, console, everything=True)
    text = console.export_text()
    assert "noisy on custom: 72 pairs, 12 events" in text
    assert report.signature in text
    assert f"{report.headline.value:.3f} [{report.headline.low:.3f}, {report.headline.high:.3f}]" in text
    markdown = to_markdown(report)
    assert f"| Contradiction F1 | {report.headline} |" in markdown
    assert "## Why it is neutral" in markdown
