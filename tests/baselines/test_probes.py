import numpy as np
import pytest

from baselines.lexical import PairTfidf, tfidf
from baselines.rules import NegationMismatch, jaccard, negated
from baselines.trivial import Majority, Stratified
from tests.conftest import make_pair

LABELS = ["neutral", "contradiction", "neutral", "entailment"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It did not rain.", True),
        ("It didn't rain.", True),
        ("The claim is false.", True),
        ("Knotted notes.", False),
    ],
)
def test_negated(text, expected):
    assert negated(text) is expected


def test_jaccard_by_hand():
    assert jaccard("The cat sat", "the dog sat") == 2 / 4
    assert jaccard("", "") == 0
    assert jaccard("one", "two") == 0


def test_majority():
    model = Majority().fit([None] * 4, LABELS)
    assert model.predict_proba([None] * 2).tolist() == [[0, 0, 1]] * 2
    assert model.predict([None]).tolist() == ["neutral"] if hasattr(model, "predict") else True


def test_stratified_draws_with_the_training_frequencies():
    pairs = [make_pair(f"e{n}/c1-c2") for n in range(4000)]
    model = Stratified(random_state=3).fit(pairs[:4], LABELS)
    np.testing.assert_allclose(model.predict_proba(pairs).mean(0), [0.25, 0.25, 0.5], atol=0.03)
    other = Stratified(random_state=4).fit(pairs[:4], LABELS)
    assert (other.predict_proba(pairs) != model.predict_proba(pairs)).any()


def test_negation_mismatch():
    pairs = [
        make_pair("e/c1-c2", claim="It rained.", counterclaim="It did not rain."),
        make_pair("e/c1-c3", claim="It never rained.", counterclaim="It did not rain."),
    ]
    model = NegationMismatch().fit(pairs * 2, LABELS)
    assert model.classes_[model.predict_proba(pairs).argmax(1)].tolist() == ["contradiction", "neutral"]


def test_pair_features_by_hand():
    pairs = [make_pair("e/c1-c2", claim="a b", counterclaim="b c")]
    features = PairTfidf(min_df=1).fit(pairs)
    terms = list(features.vectorizer_.get_feature_names_out())
    u, v, product, distance = np.split(features.transform(pairs).toarray()[0], 4)
    assert terms == ["a", "b", "c"]
    np.testing.assert_allclose(product, u * v)
    np.testing.assert_allclose(distance, np.abs(u - v))
    assert (product > 0).tolist() == [False, True, False]


def test_one_side_does_not_see_the_other():
    pairs = [make_pair(f"e/c1-c{n}", claim=f"word{n % 3} here", counterclaim=f"text {n}") for n in range(12)]
    model = tfidf(side="claim", min_df=1).fit(pairs, ["neutral", "contradiction", "entailment"] * 4)
    other = [make_pair(p.pair_id, claim=p.claim, counterclaim="changed") for p in pairs]
    np.testing.assert_array_equal(model.predict_proba(pairs), model.predict_proba(other))


def test_unknown_side():
    with pytest.raises(ValueError, match="side must be claim, counterclaim or both, got 'left'"):
        PairTfidf(side="left").fit([])
