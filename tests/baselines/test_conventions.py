"""What every offline baseline must do."""

import numpy as np
import pytest
import yaml
from sklearn.base import clone

import bench
from bench.engine import make
from bench.files import configs_home

CONFIGS = {
    path.stem: yaml.safe_load(path.read_text()) for path in (configs_home() / "baseline").glob("*.yaml")
}

OFFLINE = [name for name, config in CONFIGS.items() if config["settings"].get("model", "") is not None]
"""Those that do not ask for the name of a model."""


@pytest.fixture(scope="module")
def train():
    return bench.load_pairs("train")[:1500]


@pytest.fixture(params=OFFLINE, scope="module")
def fitted(request, train):
    config = CONFIGS[request.param]
    return make(config["estimator"], config["settings"]).fit(train, [pair.label for pair in train])


def test_name_is_that_of_the_file():
    assert all(config["name"] == name for name, config in CONFIGS.items())


def test_probabilities(fitted, train):
    answer = fitted.predict_proba(train[:50])
    assert answer.shape == (50, len(fitted.classes_))
    np.testing.assert_allclose(answer.sum(1), 1)
    assert (answer >= 0).all()
    assert list(fitted.classes_) == sorted(bench.LABELS)


def test_a_batch_does_not_change_an_answer(fitted, train):
    whole = fitted.predict_proba(train[:30])
    parts = np.concatenate([fitted.predict_proba(train[n : min(n + 7, 30)]) for n in range(0, 30, 7)])
    np.testing.assert_allclose(whole, parts, atol=1e-12)
    np.testing.assert_allclose(whole[::-1], fitted.predict_proba(train[:30][::-1]), atol=1e-12)


def test_fitting_again_gives_the_same(fitted, train):
    again = clone(fitted).fit(train, [pair.label for pair in train])
    np.testing.assert_array_equal(again.predict_proba(train[:30]), fitted.predict_proba(train[:30]))
