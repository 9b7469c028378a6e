import numpy as np
import pytest

from bench.engine import predict
from bench.issues import BadInputError
from tests.conftest import make_pair

PAIRS = [make_pair(f"e/c1-c{n}") for n in range(2, 9)]


class Model:
    def __init__(self, classes, row):
        self.classes_, self.row, self.batches = classes, row, []

    def predict_proba(self, pairs):
        self.batches.append(len(pairs))
        return [self.row] * len(pairs)


def test_classes_are_matched_by_name():
    predictions = predict(
        Model(np.array(["contradiction", "entailment", "neutral"]), [0.7, 0.1, 0.2]), PAIRS, 100
    )
    assert [p.pair_id for p in predictions] == [pair.pair_id for pair in PAIRS]
    assert predictions[0].scores == {"entailment": 0.1, "neutral": 0.2, "contradiction": 0.7}


def test_batches():
    model = Model(["contradiction", "other"], [0.5, 0.5])
    assert [p.score for p in predict(model, PAIRS, 3)] == [0.5] * 7
    assert model.batches == [3, 3, 1]


def test_a_class_that_training_lacked_has_probability_zero():
    (first, *_) = predict(Model(["contradiction", "neutral"], [0.4, 0.6]), PAIRS, 10)
    assert first.scores == {"entailment": 0, "neutral": 0.6, "contradiction": 0.4}


@pytest.mark.parametrize(
    ("classes", "row", "expected"),
    [
        ([0, 1, 2], [0.1, 0.2, 0.7], "Model: classes_ are not labels, expected one of"),
        (["contradiction", "contradiction"], [0.5, 0.5], "Model: classes_ are not labels"),
        ([], [], "Model: classes_ are not labels"),
        (
            ["neutral", "contradiction"],
            [0.1],
            r"Model: predict_proba gave the wrong shape, expected \(7, 2\), got \(7, 1\)",
        ),
    ],
)
def test_bad_models(classes, row, expected):
    with pytest.raises(BadInputError, match=expected):
        predict(Model(classes, row), PAIRS, 10)
