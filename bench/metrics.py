"""Every metric, declared once; the declaration feeds the terminal, JSON, HTML, docs and leaderboard.

`statistic` names the sufficient statistic that the formula takes (`bench.sufficient`):

- `detection`: float array (..., 2, 2), gold by predicted, of contradiction (last) and the rest;
- `counts`: float array (..., K, K), gold label by predicted label, contradiction last; K is 3, or 2 where the gold
  labels or the system tell only contradiction from the rest;
- `domains`: `detection` for each domain, (..., D, 2, 2);
- `squares`: (..., 2), sum of squared errors of the score of contradiction, and number of pairs;
- `bins`: (..., B, 3), in each bin of scores the number of pairs, of contradictions, and the sum of scores;
- `swap`, `triads`, `exact`: (..., 2), cases that are as counted, and all cases (`bench.consistency`);
- `curve`: `Curve`, what a ranking by the score of contradiction needs;
- `risk`: (..., B, 2), in each bin of confidence, from the highest down, the number of pairs and of errors.

A metric that is not defined is NaN; `undefined` says when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.formulas import (
    Floats,
    accuracy,
    area_under_risk_coverage,
    auroc,
    average_precision,
    balanced_accuracy,
    entailment_f1,
    expected_calibration_error,
    f1,
    false_alarm_rate,
    macro_f1,
    mcc,
    mean_of,
    neutral_f1,
    precision,
    recall,
    recall_at_precision,
    worst_f1,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Metric:
    """One metric: what it is called, where it lies, when it has no value, and how it is computed."""

    name: str
    title: str
    group: str
    statistic: str
    function: Callable[[Any], Floats]
    undefined: str
    citation: str
    low: float = 0.0
    high: float = 1.0
    higher_is_better: bool = True
    three_way: bool = False


_RIJSBERGEN = "van Rijsbergen, Information Retrieval, 1979"
_LI = "Li et al., A logic-driven framework for consistency of neural models, 2019"
_NO_POSITIVE = "no pair is a contradiction"
_ONE_CLASS = "every pair is a contradiction, or none is"

# fmt: off
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("contradiction_f1", "Contradiction F1", "detection", "detection", f1, "no pair is a contradiction and none is predicted to be one", _RIJSBERGEN),
        Metric("contradiction_precision", "Contradiction precision", "detection", "detection", precision, "no pair is predicted to be a contradiction", _RIJSBERGEN),
        Metric("contradiction_recall", "Contradiction recall", "detection", "detection", recall, _NO_POSITIVE, _RIJSBERGEN),
        Metric("false_alarm_rate", "False alarm rate", "detection", "detection", false_alarm_rate, "every pair is a contradiction", "Fawcett, An introduction to ROC analysis, 2006", higher_is_better=False),
        Metric("mcc", "Matthews correlation", "detection", "detection", mcc, "gold or predicted labels are all contradiction, or none is", "Matthews, Comparison of the predicted and observed secondary structure of T4 phage lysozyme, 1975", low=-1.0),
        Metric("balanced_accuracy", "Balanced accuracy", "detection", "detection", balanced_accuracy, _ONE_CLASS, "Brodersen et al., The balanced accuracy and its posterior distribution, 2010"),
        Metric("average_precision", "Average precision", "detection", "curve", average_precision, _NO_POSITIVE, "Zhu, Recall, precision and average precision, 2004"),
        Metric("auroc", "AUROC", "detection", "curve", auroc, _ONE_CLASS, "Hanley & McNeil, The meaning and use of the area under a ROC curve, 1982"),
        Metric("recall_at_90_precision", "Recall at 90% precision", "detection", "curve", recall_at_precision, _NO_POSITIVE, "Manning, Raghavan & Schütze, Introduction to Information Retrieval, 2008, ch. 8"),
        Metric("worst_domain_f1", "Worst domain, contradiction F1", "detection", "domains", worst_f1, "no domain has a contradiction, found or not", "Koh et al., WILDS: a benchmark of in-the-wild distribution shifts, 2021"),
        Metric("accuracy", "Accuracy", "three-way", "counts", accuracy, "there is no pair", "Manning, Raghavan & Schütze, Introduction to Information Retrieval, 2008, ch. 8", three_way=True),
        Metric("macro_f1", "Macro-F1", "three-way", "counts", macro_f1, "a label occurs neither in gold nor in predictions", "Yang & Liu, A re-examination of text categorization methods, 1999", three_way=True),
        Metric("entailment_f1", "Entailment F1", "three-way", "counts", entailment_f1, "no pair is an entailment and none is predicted to be one", _RIJSBERGEN, three_way=True),
        Metric("neutral_f1", "Neutral F1", "three-way", "counts", neutral_f1, "no pair is neutral and none is predicted to be", _RIJSBERGEN, three_way=True),
        Metric("brier", "Brier score", "calibration", "squares", mean_of, "there is no pair", "Brier, Verification of forecasts expressed in terms of probability, 1950", higher_is_better=False),
        Metric("ece", "Expected calibration error", "calibration", "bins", expected_calibration_error, "there is no pair", "Nixon et al., Measuring calibration in deep learning, 2019 (equal-mass bins)", higher_is_better=False),
        Metric("aurc", "Area under risk-coverage", "calibration", "risk", area_under_risk_coverage, "there is no pair", "Geifman & El-Yaniv, Selective classification for deep neural networks, 2017", higher_is_better=False),
        Metric("swap_inconsistency", "Swap inconsistency", "consistency", "swap", mean_of, "no contradiction is there in both directions", _LI, higher_is_better=False),
        Metric("triad_violation", "Triad violations", "consistency", "triads", mean_of, "no two predicted labels force a third", _LI, higher_is_better=False, three_way=True),
        Metric("event_exact_match", "Event exact match", "consistency", "exact", mean_of, "there is no event", "Lewis, Evaluating text categorization, 1991 (exact match)"),
    )
}
# fmt: on
"""Every metric by its name, in the order in which reports show them."""

HEADLINE = "contradiction_f1"
