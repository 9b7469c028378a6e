"""What every offline baseline must do."""

import numpy as np
import pytest
import yaml
from sklearn.base import clone

import bench
from baselines.results import baselines
from bench.engine import make
from bench.files import configs_home

CONFIGS = {
    path.stem: yaml.safe_load(path.read_text()) for path in (configs_home() / "baseline").glob("*.yaml")
}

OFFLINE = [
    pytest.param(name, marks=pytest.mark.slow if baseline.extra else ())
    for name, baseline in baselines().items()
]

SMALL = {"cross_encoder": {"epochs": 1, "frozen_layers": 5, "checkpoint_dir": None}}
"""Settings that make a test quick."""

TOLERANCE = 1e-5
"""Neural baselines compute in single precision, and a batch decides how far texts are padded."""


@pytest.fixture(scope="module")
def train():
    return bench.load_pairs("train")[:1500]


@pytest.fixture(params=OFFLINE, scope="module")
def fitted(request, train):
    config = CONFIGS[request.param]
    if config.get("extra") == "neural":
        pytest.importorskip("sentence_transformers", reason="needs the extra neural")
    settings = config["settings"] | SMALL.get(request.param, {})
    return make(config["estimator"], settings).fit(train, [pair.label for pair in train])


def test_name_is_that_of_the_file():
    assert all(config["name"] == name for name, config in CONFIGS.items())


def test_probabilities(fitted, train):
    answer = fitted.predict_proba(train[:50])
    assert answer.shape == (50, len(fitted.classes_))
    np.testing.assert_allclose(answer.sum(1), 1, atol=TOLERANCE)
    assert (answer >= 0).all()
    assert list(fitted.classes_) == sorted(bench.LABELS)


def test_a_batch_does_not_change_an_answer(fitted, train):
    whole = fitted.predict_proba(train[:30])
    parts = np.concatenate([fitted.predict_proba(train[n : min(n + 7, 30)]) for n in range(0, 30, 7)])
    np.testing.assert_allclose(whole, parts, atol=TOLERANCE)
    np.testing.assert_allclose(whole[::-1], fitted.predict_proba(train[:30][::-1]), atol=TOLERANCE)


def test_fitting_again_gives_the_same(fitted, train):
    again = clone(fitted).fit(train, [pair.label for pair in train])
    np.testing.assert_array_equal(again.predict_proba(train[:30]), fitted.predict_proba(train[:30]))
