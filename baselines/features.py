"""Gradient boosting on readable features of a pair; `python -m baselines.features` shows which of them matter."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline

from baselines import lexicon
from baselines.reading import Reading, read, stem
from bench.issues import command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bench import Pair

_OPPOSITES = [tuple(frozenset(map(stem, words)) for words in line) for line in lexicon.opposites()]
_MODALITY = {
    name: frozenset(map(stem, words))
    for name, words in (
        ("hedges", lexicon.HEDGES),
        ("certainty", lexicon.CERTAINTY),
        ("intentions", lexicon.INTENTIONS),
        ("silence", lexicon.SILENCE),
        ("approximate", lexicon.APPROXIMATE),
    )
}


def _jaccard(one: frozenset[object], other: frozenset[object]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def _covered(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of `one` that is in `other`."""
    return len(one & other) / len(one) if one else 0.0


def _bigrams(reading: Reading) -> frozenset[object]:
    return frozenset(zip(reading.words, reading.words[1:], strict=False))


def _negated_in_one(a: Reading, b: Reading) -> float:
    """Share of the shared content words that are in the scope of a negator in exactly one text."""
    shared = a.content & b.content
    return len(shared & (a.negated ^ b.negated)) / len(shared) if shared else 0.0


def _numbers_differ(a: Reading, b: Reading) -> float:
    """Share of all numbers that only one text has; 0 where a text has none."""
    return 1 - _jaccard(a.numbers, b.numbers) if a.numbers and b.numbers else 0.0


def _dates_differ(a: Reading, b: Reading) -> float:
    """Share of the dates of both that no date of the other text can be; 0 where a text has none."""
    if not a.dates or not b.dates:
        return 0.0

    def fits(one: tuple[int | None, ...], other: tuple[int | None, ...]) -> bool:
        return all(x == y or None in (x, y) for x, y in zip(one, other, strict=True))

    lonely = sum(
        not any(fits(date, other) for other in there.dates)
        for here, there in ((a, b), (b, a))
        for date in here.dates
    )
    return lonely / (len(a.dates) + len(b.dates))


def _opposed(a: Reading, b: Reading) -> int:
    """Lines of the lexicon of opposites whose sides are told apart: one side by this text alone, the other by that."""
    only_a, only_b = set(a.words) - set(b.words), set(b.words) - set(a.words)
    return sum(bool((x & only_a and y & only_b) or (x & only_b and y & only_a)) for x, y in _OPPOSITES)


def _count(words: frozenset[str]) -> Callable[[Reading], int]:
    return lambda reading: sum(word in words for word in reading.words)


def _of_claim(feature: Callable[[Reading], float]) -> Callable[[Reading, Reading], float]:
    return lambda a, _: feature(a)


def _of_counterclaim(feature: Callable[[Reading], float]) -> Callable[[Reading, Reading], float]:
    return lambda _, b: feature(b)


FEATURES: dict[str, Callable[[Reading, Reading], float]] = {
    "word_overlap": lambda a, b: _jaccard(frozenset(a.words), frozenset(b.words)),
    "content_overlap": lambda a, b: _jaccard(a.content, b.content),
    "bigram_overlap": lambda a, b: _jaccard(_bigrams(a), _bigrams(b)),
    "claim_covered": lambda a, b: _covered(a.content, b.content),
    "counterclaim_covered": lambda a, b: _covered(b.content, a.content),
    "claim_length": _of_claim(lambda text: len(text.words)),
    "counterclaim_length": _of_counterclaim(lambda text: len(text.words)),
    "claim_negators": _of_claim(lambda text: text.negators),
    "counterclaim_negators": _of_counterclaim(lambda text: text.negators),
    "negation_mismatch": lambda a, b: (a.negators > 0) != (b.negators > 0),
    "negated_in_one": _negated_in_one,
    "numbers_differ": _numbers_differ,
    "numbers_in_one": lambda a, b: bool(a.numbers) != bool(b.numbers),
    "dates_differ": _dates_differ,
    "dates_in_one": lambda a, b: bool(a.dates) != bool(b.dates),
    "name_overlap": lambda a, b: _jaccard(a.names, b.names),
    "claim_names_alone": lambda a, b: len(a.names - b.names),
    "counterclaim_names_alone": lambda a, b: len(b.names - a.names),
    "opposites": _opposed,
}
for _name, _words in _MODALITY.items():
    FEATURES[f"claim_{_name}"] = _of_claim(_count(_words))
    FEATURES[f"counterclaim_{_name}"] = _of_counterclaim(_count(_words))


class PairFeatures(TransformerMixin, BaseEstimator):
    """The numbers of `FEATURES`, and the cosine of the texts' TF-IDF, of words and of runs of 3 to 5 letters."""

    def fit(self, pairs: Sequence[Pair], labels: Sequence[str] | None = None) -> PairFeatures:
        """Learn the weights of terms from each distinct text once."""
        texts = sorted({text for pair in pairs for text in (pair.claim, pair.counterclaim)})
        self.vectorizers_ = {
            "word_cosine": TfidfVectorizer(sublinear_tf=True).fit(texts),
            "letter_cosine": TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit(
                texts
            ),
        }
        return self

    def get_feature_names_out(self, input_features: Iterable[str] | None = None) -> NDArray[np.str_]:
        """Names of the columns."""
        return np.array([*FEATURES, *self.vectorizers_])

    def transform(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """(pairs, features)."""
        read_pairs = [(read(pair.claim), read(pair.counterclaim)) for pair in pairs]
        rows = [[feature(a, b) for feature in FEATURES.values()] for a, b in read_pairs]
        cosines = [
            np.asarray(
                vectorizer.transform([pair.claim for pair in pairs])
                .multiply(vectorizer.transform([pair.counterclaim for pair in pairs]))
                .sum(axis=1)
            ).ravel()
            for vectorizer in self.vectorizers_.values()
        ]
        return np.column_stack([np.array(rows, np.float64), *cosines])


def features(
    *,
    learning_rate: float = 0.05,
    max_iter: int = 100,
    max_leaf_nodes: int = 15,
    min_samples_leaf: int = 50,
    class_weight: str | None = "balanced",
    random_state: int = 0,
) -> Pipeline:
    """`PairFeatures` and scikit-learn's histogram gradient boosting; see these for the arguments."""
    return Pipeline(
        [
            ("features", PairFeatures()),
            (
                "classifier",
                HistGradientBoostingClassifier(
                    learning_rate=learning_rate,
                    max_iter=max_iter,
                    max_leaf_nodes=max_leaf_nodes,
                    min_samples_leaf=min_samples_leaf,
                    class_weight=class_weight,
                    early_stopping=False,
                    random_state=random_state,
                ),
            ),
        ]
    )


def importances(
    model: Pipeline, pairs: Sequence[Pair], repeats: int = 10, random_state: int = 0
) -> dict[str, tuple[float, float]]:
    """What contradiction F1 loses when a feature is shuffled among pairs: mean and standard deviation.

    Permutation importance (Breiman, Random forests, 2001), from the most important feature down.
    """
    from sklearn.inspection import permutation_importance
    from sklearn.metrics import f1_score, make_scorer

    def contradiction_f1(gold: NDArray[np.bool_], predicted: NDArray[np.str_]) -> float:
        return float(f1_score(gold == "contradiction", predicted == "contradiction", zero_division=0))

    found = permutation_importance(
        model["classifier"],
        model["features"].transform(pairs),
        np.array([pair.label for pair in pairs]),
        scoring=make_scorer(contradiction_f1),
        n_repeats=repeats,
        random_state=random_state,
    )
    names = model["features"].get_feature_names_out()
    order = np.argsort(-found.importances_mean, kind="stable")
    return {str(names[n]): (float(found.importances_mean[n]), float(found.importances_std[n])) for n in order}


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    from rich.console import Console
    from rich.table import Table

    from baselines.results import baselines
    from bench.engine import make
    from bench.load import load_pairs

    parser = argparse.ArgumentParser(prog="python -m baselines.features", description=__doc__)
    parser.add_argument("--repeats", type=int, default=10, help="how often a feature is shuffled")
    options = parser.parse_args(arguments)
    declared = baselines()["features"]
    train, validation = (
        [pair for pair in load_pairs(split) if not pair.ambiguous] for split in ("train", "validation")
    )
    model = make(declared.estimator, declared.settings).fit(train, [pair.label for pair in train])
    shown = Table("feature", "lost contradiction F1", "±", title="Permutation importance on validation")
    for name, (mean, deviation) in importances(model, validation, options.repeats).items():
        shown.add_row(name, f"{mean:.4f}", f"{deviation:.4f}")
    Console().print(shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
