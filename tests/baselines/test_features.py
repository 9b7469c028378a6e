"""Readings and features against values found by hand."""

import numpy as np
import pytest

from baselines import lexicon
from baselines.embeddings import PairEmbeddings
from baselines.features import FEATURES, PairFeatures, features, importances
from baselines.reading import read
from tests.conftest import make_pair


def test_a_reading_by_hand():
    text = "On 4 June 2019 Moscow did not send 1,500 men to Caracas, and at least two million people left."
    found = read(text)
    assert found.dates == {(2019, 6, 4)}
    assert found.numbers == {1500.0, 2e6}
    assert found.names == {"moscow", "caracas"}
    assert found.negators == 1
    assert {"send", "men", "caraca"} <= found.negated
    assert "left" not in found.negated  # another clause


@pytest.mark.parametrize(
    ("feature", "one", "other", "expected"),
    [
        ("word_overlap", "the cat sat", "the dog sat", 2 / 4),
        ("claim_covered", "red house burned", "house burned", 2 / 3),
        ("counterclaim_covered", "red house burned", "house burned", 1),
        ("negation_mismatch", "Nobody came.", "Everybody came.", True),
        ("negation_mismatch", "Nobody came.", "They did not come.", False),
        ("negated_in_one", "The bridge could not fall.", "The bridge could fall.", 1 / 2),
        ("numbers_differ", "At least 12 died.", "About 14 died.", 1),
        ("numbers_differ", "At least 12 died.", "Nobody died.", 0),
        ("dates_differ", "It began on 3 May 2011.", "It began in May 2011.", 0),
        ("dates_differ", "It began on 3 May 2011.", "It began on 4 May 2011.", 1),
        ("name_overlap", "In 2011 Ann met Bob.", "In 2011 Ann met Carl.", 1 / 3),
        ("opposites", "Prices rose sharply.", "Prices fell sharply.", 1),
        ("opposites", "Prices rose and fell.", "Prices fell.", 0),
        ("claim_hedges", "It may perhaps rain.", "It rained.", 2),
        ("counterclaim_hedges", "It may perhaps rain.", "It rained.", 0),
    ],
)
def test_a_feature_by_hand(feature, one, other, expected):
    assert FEATURES[feature](read(one), read(other)) == pytest.approx(expected)


def test_columns_have_names():
    pairs = [make_pair("e/c1-c2", claim="Prices rose.", counterclaim="Prices rose.")] * 3
    made = PairFeatures().fit(pairs)
    row = dict(zip(made.get_feature_names_out(), made.transform(pairs)[0], strict=True))
    assert [row[name] for name in ("word_overlap", "word_cosine", "letter_cosine")] == pytest.approx([1] * 3)


def test_what_decides_is_important():
    generator = np.random.default_rng(0)
    words = generator.choice(["rose", "fell"], size=(400, 2))
    pairs = [
        make_pair(f"e{n}/c1-c2", claim=f"Prices {a}.", counterclaim=f"Prices {b}.")
        for n, (a, b) in enumerate(words)
    ]
    pairs = [
        make_pair(
            pair.pair_id,
            "contradiction" if a != b else "neutral",
            claim=pair.claim,
            counterclaim=pair.counterclaim,
        )
        for pair, (a, b) in zip(pairs, words, strict=True)
    ]
    model = features(min_samples_leaf=10).fit(pairs, [pair.label for pair in pairs])
    found = importances(model, pairs, repeats=3)
    assert len(found) == len(FEATURES) + 2
    assert next(iter(found.values()))[0] > 0.1
    assert found["dates_differ"] == (0, 0)


def test_no_word_is_its_own_opposite():
    assert all(not one & other for one, other in lexicon.opposites())


class Encoder:
    """Counts what it encodes; a text's vector is its length, normalised or not."""

    def __init__(self):
        self.texts = []

    def encode(self, texts, **_):
        self.texts += texts
        return np.array([[len(text), 1] for text in texts], np.float32)


def test_a_text_is_encoded_once():
    made = PairEmbeddings()
    made._encoder, made._vectors = Encoder(), {}
    pairs = [
        make_pair("e/c1-c2", claim="a", counterclaim="bb"),
        make_pair("e/c2-c1", claim="bb", counterclaim="a"),
    ]
    first = made.transform(pairs)
    np.testing.assert_array_equal(first[0], [1, 1, 2, 1, 1, 0, 2, 1])  # u, v, |u - v|, u * v
    np.testing.assert_array_equal(made.transform(pairs[:1]), first[:1])
    assert made._encoder.texts == ["a", "bb"]
