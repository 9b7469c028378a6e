"""What the data give away: how well a probe does that cannot have understood a pair.

Every probe is trained on train and judged on test; no event stands in both. Intervals are by bootstrap over events.
"""

from __future__ import annotations

import pkgutil
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from bench.formulas import accuracy, auroc, macro_f1
from bench.report import Figure
from bench.resample import Ranking, event_counts, figure_of, replicated
from bench.schema import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from bench.formulas import Floats
    from bench.schema import ClaimRow, Pair

REPLICATES = 2000
_NAMES = np.array(list(LABELS))


class Probe(Struct, frozen=True, kw_only=True):
    """Figures of one probe on one set of test pairs.

    Attributes:
        accuracy: three-way.
        above_majority: accuracy minus that of always saying the most frequent test label.
        macro_f1: of contradiction against the rest.
        auroc: of contradiction, turned so that it is at least 0.5; the overlap probe ranks by the Jaccard index.
    """

    name: str
    subset: str
    pairs: int
    accuracy: Figure
    above_majority: Figure
    macro_f1: Figure
    auroc: Figure


def _length(pair: Pair, _claims: Mapping[str, ClaimRow]) -> dict[str, Any]:
    first, second = len(pair.claim.split()), len(pair.counterclaim.split())
    return {"claim": first, "counterclaim": second, "difference": abs(first - second), "sum": first + second}


def _speaker_type(pair: Pair, _claims: Mapping[str, ClaimRow]) -> dict[str, Any]:
    types = (pair.claim_speaker_type, pair.counterclaim_speaker_type)
    return {"claim": types[0], "counterclaim": types[1], "both": "+".join(types)}


def _source_and_date(pair: Pair, claims: Mapping[str, ClaimRow]) -> dict[str, Any]:
    found: dict[str, Any] = {"year": str(pair.date.year), "month": str(pair.date.month)}
    rows = (claims[pair.claim_id], claims[pair.counterclaim_id])
    for side, row in zip(("claim", "counterclaim"), rows, strict=True):
        found |= {f"{side} outlet {name}": 1 for name in row.outlets}
        found |= {f"{side} language {name}": 1 for name in row.languages}
        found[f"{side} asserted"] = str(row.asserted)[:4]
    found["shared articles"] = len(set(rows[0].urls) & set(rows[1].urls))
    return found


def _answers(
    train: Sequence[Pair], test: Sequence[Pair], claims: Mapping[str, ClaimRow]
) -> dict[str, tuple[NDArray[np.int64], Floats]]:
    """By probe: the predicted label and the score of contradiction for every test pair."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler

    labels = [pair.label for pair in train]
    answers = {}

    def keep(name: str, model: Any, fitted: Any, judged: Any) -> None:
        scores = model.fit(fitted, labels).predict_proba(judged)
        classes = np.asarray(model.classes_)
        codes = np.array([int(np.flatnonzero(label == _NAMES)[0]) for label in classes])
        answers[name] = (codes[scores.argmax(1)], scores[:, classes == "contradiction"].ravel())

    tfidf = pkgutil.resolve_name("baselines.lexical:tfidf")
    for side in ("claim", "counterclaim"):
        keep(f"{side} only", tfidf(side=side, class_weight=None), train, test)
    keep("negation mismatch", pkgutil.resolve_name("baselines.rules:NegationMismatch")(), train, test)
    keep("overlap", pkgutil.resolve_name("baselines.rules:Overlap")(class_weight=None), train, test)
    jaccard = pkgutil.resolve_name("baselines.rules:jaccard")
    overlaps = np.array([jaccard(pair.claim, pair.counterclaim) for pair in test])
    answers["overlap"] = (answers["overlap"][0], overlaps)  # ranked by the overlap itself
    for name, features in (
        ("length", _length),
        ("speaker type", _speaker_type),
        ("source and date", _source_and_date),
    ):
        model = make_pipeline(DictVectorizer(), MaxAbsScaler(), LogisticRegression(max_iter=2000))
        keep(
            name,
            model,
            [features(pair, claims) for pair in train],
            [features(pair, claims) for pair in test],
        )
    return answers


def _probe(
    name: str,
    subset: str,
    gold: NDArray[np.int64],
    answer: tuple[NDArray[np.int64], Floats],
    event: NDArray[np.int64],
) -> Probe:
    events = int(event.max()) + 1
    predicted, score = answer
    counts = event_counts(gold, predicted, event, events, 3)
    folded = event_counts(gold == 2, predicted == 2, event, events, 2)
    majority = int(np.bincount(gold, minlength=3).argmax())
    ranking = Ranking(gold == 2, score, event, events)
    turn = auroc(ranking.curve(np.ones((1, events))))[0] < 0.5

    def evaluate(weights: Floats) -> Floats:
        """(replicates, figures) in the order of the fields."""
        total = (weights @ counts.reshape(events, -1)).reshape(-1, 3, 3)
        area = auroc(ranking.curve(weights))
        correct = accuracy(total)
        above = correct - total[:, majority].sum(-1) / total.sum((-2, -1))
        detection = macro_f1((weights @ folded.reshape(events, -1)).reshape(-1, 2, 2))
        return np.stack([correct, above, detection, 1 - area if turn else area], 1)

    point = evaluate(np.ones((1, events)))[0]
    drawn = replicated(evaluate, events, REPLICATES, 0, ranking.width)
    figures = (figure_of(value, values) for value, values in zip(point, drawn.T, strict=True))
    fields = ("accuracy", "above_majority", "macro_f1", "auroc")
    return Probe(name=name, subset=subset, pairs=len(gold), **dict(zip(fields, figures, strict=True)))


def panel(train: Sequence[Pair], test: Sequence[Pair], claims: Sequence[ClaimRow]) -> list[Probe]:
    """Every probe on all test pairs and on the hard subset."""
    train = [pair for pair in train if not pair.ambiguous]
    test = [pair for pair in test if not pair.ambiguous]
    answers = _answers(train, test, {row.claim_id: row for row in claims})
    gold = np.array([list(LABELS).index(pair.label) for pair in test])
    _, event = np.unique([pair.event_id for pair in test], return_inverse=True)
    hard = np.array([pair.hard for pair in test])
    probes = []
    for subset, chosen in (("all", np.ones(len(test), bool)), ("hard", hard)):
        _, numbers = np.unique(event[chosen], return_inverse=True)
        for name, (predicted, score) in answers.items():
            probes.append(_probe(name, subset, gold[chosen], (predicted[chosen], score[chosen]), numbers))
    return probes
