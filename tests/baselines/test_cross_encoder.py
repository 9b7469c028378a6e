import io
import pickle

import numpy as np
import pytest
from sklearn.base import clone

from baselines import finetuning
from baselines.cross_encoder import CrossEncoder, average_contradiction
from bench.issues import BadInputError
from tests.baselines import tiny
from tests.conftest import make_pair

pytest.importorskip("transformers", reason="needs the extra neural")
import torch

PAIRS = [
    make_pair(f"e/c{n}-c9", claim=one, counterclaim=other) for n, (one, other) in enumerate(tiny.TEXTS * 6)
]
LABELS = ["contradiction", "contradiction", "neutral", "entailment", "neutral"] * 6
VALIDATION = (PAIRS[:10], LABELS[:10])


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    model = tiny.save(tmp_path_factory.mktemp("encoder") / "model", head=False)
    return {"model": model, "epochs": 3, "learning_rate": 1e-3, "batch_size": 8, "frozen_layers": None}


@pytest.fixture(scope="module")
def fitted(settings):
    return CrossEncoder(**settings).fit(PAIRS, LABELS)


def weights(model):
    return torch.cat([weight.flatten() for weight in model.network_.state_dict().values()])


def scores(monkeypatch, values):
    """Validation scores that a test sets, an epoch each; the weights after each epoch."""
    left, seen = iter(values), []

    def score(model, pairs, labels):
        seen.append(weights(model).clone())
        return next(left)

    monkeypatch.setattr(CrossEncoder, "_contradiction_f1", score)
    return seen


def test_it_learns(settings):
    model = CrossEncoder(**settings | {"epochs": 30}).fit(PAIRS, LABELS)
    predicted = model.classes_[model.predict_proba(PAIRS).argmax(1)]
    assert (predicted == LABELS).all()


def test_probabilities(fitted):
    answer = fitted.predict_proba(PAIRS)
    assert list(fitted.classes_) == ["contradiction", "entailment", "neutral"]
    np.testing.assert_allclose(answer.sum(1), 1)
    order = np.random.default_rng(0).permutation(len(PAIRS))
    np.testing.assert_allclose(fitted.predict_proba([PAIRS[n] for n in order]), answer[order], atol=1e-5)


def test_same_seed_same_model_other_seed_another(settings, fitted):
    before = torch.random.get_rng_state()
    again = clone(fitted).fit(PAIRS, LABELS)
    other = CrossEncoder(**settings, random_state=1).fit(PAIRS, LABELS)
    assert torch.equal(weights(again), weights(fitted))
    assert not torch.allclose(weights(other), weights(fitted), atol=1e-3)
    assert torch.equal(torch.random.get_rng_state(), before)  # the caller's generator is left alone


def test_pickle(fitted):
    other = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(other.predict_proba(PAIRS), fitted.predict_proba(PAIRS))


def test_class_weights(settings):
    def training(class_weight):
        targets = np.array([0] * 3 + [1] * 27)
        return finetuning.Training([], targets, {"class_weight": class_weight}, None, None)

    assert finetuning._class_weights(training("balanced")).tolist() == pytest.approx(
        [30 / 2 / 3, 30 / 2 / 27]
    )
    assert finetuning._class_weights(training(None)) is None
    labels = ["contradiction"] * 2 + ["neutral"] * 28
    plain, weighted = (
        CrossEncoder(**settings | {"class_weight": weight}).fit(PAIRS, labels).predict_proba(PAIRS)
        for weight in (None, "balanced")
    )
    assert weighted[:, 0].mean() > 1.3 * plain[:, 0].mean()


def test_the_best_epoch_is_kept(settings, monkeypatch):
    seen = scores(monkeypatch, [0.2, 0.5, 0.5, 0.1])
    model = CrossEncoder(**settings | {"epochs": 4, "patience": 3}).fit(PAIRS, LABELS, validation=VALIDATION)
    assert model.history_ == [0.2, 0.5, 0.5, 0.1]
    assert model.best_epoch_ == 1  # the first of equals
    assert torch.equal(weights(model), seen[1])


def test_it_stops_when_patience_is_over(settings, monkeypatch):
    scores(monkeypatch, [0.3, 0.2, 0.25, 0.9])
    model = CrossEncoder(**settings | {"epochs": 4, "patience": 2}).fit(PAIRS, LABELS, validation=VALIDATION)
    assert (model.history_, model.best_epoch_) == ([0.3, 0.2, 0.25], 0)


def test_without_validation_the_last_epoch_is_kept(fitted):
    assert (fitted.history_, fitted.best_epoch_) == ([], 2)


def test_the_score_is_contradiction_f1(settings):
    from sklearn.metrics import f1_score

    model = CrossEncoder(**settings | {"epochs": 1}).fit(PAIRS, LABELS, validation=VALIDATION)
    predicted = model.classes_[model.predict_proba(VALIDATION[0]).argmax(1)]
    assert model.history_ == [
        f1_score(VALIDATION[1], predicted, labels=["contradiction"], average="macro", zero_division=0)
    ]


@pytest.mark.parametrize("done", [1, 2])
def test_a_resumed_fit_is_the_same_as_one_that_ran_through(settings, tmp_path, monkeypatch, done):
    through = CrossEncoder(**settings).fit(PAIRS, LABELS, validation=VALIDATION)
    epoch, ran = finetuning._epoch, []

    def broken(*arguments):
        if arguments[-1] == done:
            raise KeyboardInterrupt
        epoch(*arguments)

    def counted(*arguments):
        ran.append(arguments[-1])
        epoch(*arguments)

    resumed = CrossEncoder(**settings, checkpoint_dir=str(tmp_path))
    monkeypatch.setattr(finetuning, "_epoch", broken)
    with pytest.raises(KeyboardInterrupt):
        resumed.fit(PAIRS, LABELS, validation=VALIDATION)
    monkeypatch.setattr(finetuning, "_epoch", counted)
    resumed.fit(PAIRS, LABELS, validation=VALIDATION)
    assert ran == list(range(done, 3))
    assert (resumed.history_, resumed.best_epoch_) == (through.history_, through.best_epoch_)
    assert torch.equal(weights(resumed), weights(through))
    again = clone(resumed).fit(PAIRS, LABELS, validation=VALIDATION)
    assert ran == list(range(done, 3))  # a finished fit is read, not made again
    assert torch.equal(weights(again), weights(through))


def test_a_checkpoint_belongs_to_its_settings_and_pairs(settings, tmp_path):
    settings = settings | {"epochs": 1, "checkpoint_dir": str(tmp_path)}
    files = set()
    for fit, same in (
        (lambda: CrossEncoder(**settings).fit(PAIRS, LABELS), False),
        (lambda: CrossEncoder(**settings, symmetric=True).fit(PAIRS, LABELS), True),  # learns the same
        (lambda: CrossEncoder(**settings, random_state=1).fit(PAIRS, LABELS), False),
        (lambda: CrossEncoder(**settings).fit(PAIRS[1:], LABELS[1:]), False),
        (lambda: CrossEncoder(**settings).fit(PAIRS, LABELS[::-1]), False),
        (lambda: CrossEncoder(**settings).fit(PAIRS, LABELS, validation=VALIDATION), False),
    ):
        before = len(files)
        fit()
        files = set(tmp_path.iterdir())
        assert len(files) == before + (not same)


def saved(record):
    torch.save(record, buffer := io.BytesIO())
    return buffer.getvalue()


@pytest.mark.parametrize("content", [b"", b"no checkpoint", saved({"epochs": 1}), saved({"a": 1})[:-50]])
def test_a_broken_checkpoint_is_refused(settings, tmp_path, content):
    model = CrossEncoder(**settings | {"epochs": 1}, checkpoint_dir=str(tmp_path))
    model.fit(PAIRS, LABELS)
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    with pytest.raises(
        BadInputError, match=r"\.pt: no readable checkpoint, expected a file that a fit wrote"
    ):
        model.fit(PAIRS, LABELS)


def test_frozen_layers_stay(settings):
    from transformers import AutoModel

    start = AutoModel.from_pretrained(settings["model"])
    model = CrossEncoder(**settings | {"frozen_layers": 1}).fit(PAIRS, LABELS)
    encoder = model.network_.bert
    for part, same in (
        ("embeddings.word_embeddings", True),
        ("encoder.layer.0.output.dense", True),
        ("encoder.layer.1.output.dense", False),
    ):
        one, other = encoder.get_submodule(part).weight, start.get_submodule(part).weight
        assert torch.equal(one, other) is same


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"epochs": 0}, "epochs is out of range, expected a whole number, 1 or more, got 0"),
        ({"batch_size": -1}, "batch_size is out of range"),
        ({"patience": None}, "patience is out of range"),
        ({"random_state": -1}, "random_state is out of range"),
        ({"class_weight": "light"}, "unknown class_weight, expected balanced or null, got 'light'"),
        ({"frozen_layers": 3}, "frozen_layers is out of range, expected 0 to 2, or null, got 3"),
        ({"frozen_layers": -1}, "frozen_layers is out of range"),
    ],
)
def test_bad_settings(settings, change, expected):
    with pytest.raises(BadInputError, match=expected):
        CrossEncoder(**settings | change).fit(PAIRS, LABELS)


def test_a_checkpoint_belongs_to_its_model(settings, tmp_path):
    folder = tmp_path / "kept"
    for seed in (0, 1):
        model = tiny.save(tmp_path / "model", head=False, seed=seed)
        CrossEncoder(**settings | {"model": model, "epochs": 1, "checkpoint_dir": str(folder)}).fit(
            PAIRS, LABELS
        )
    assert len(list(folder.iterdir())) == 2


def test_half_precision_weights_are_trained_in_single(settings, tmp_path):
    from transformers import AutoModel, AutoTokenizer

    AutoModel.from_pretrained(settings["model"], dtype=torch.bfloat16).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(settings["model"]).save_pretrained(tmp_path)
    model = CrossEncoder(**settings | {"model": str(tmp_path), "epochs": 1}).fit(PAIRS, LABELS)
    assert next(model.network_.parameters()).dtype == torch.float32
    assert np.isfinite(model.predict_proba(PAIRS)).all()


def test_average_by_hand():
    forward = np.array([[0.6, 0.1, 0.3], [1.0, 0.0, 0.0]])
    backward = np.array([[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]])
    np.testing.assert_allclose(
        average_contradiction(forward, backward, 0), [[0.4, 0.15, 0.45], [0.75, 0.125, 0.125]]
    )


def test_symmetric_gives_both_directions_the_same_probability(fitted):
    turned = [make_pair("e/c1-c2", claim=p.counterclaim, counterclaim=p.claim) for p in PAIRS]
    plain = fitted.predict_proba(PAIRS)[:, 0], fitted.predict_proba(turned)[:, 0]
    model = pickle.loads(pickle.dumps(fitted)).set_params(symmetric=True)
    one, other = model.predict_proba(PAIRS), model.predict_proba(turned)
    np.testing.assert_allclose(one[:, 0], other[:, 0], atol=1e-6)
    np.testing.assert_allclose(one[:, 0], np.mean(plain, axis=0), atol=1e-6)
    np.testing.assert_allclose(one.sum(1), 1)
    assert np.abs(plain[0] - plain[1]).max() > 1e-3


def test_batches_hold_every_row_once_and_like_lengths():
    lengths = np.random.default_rng(0).integers(5, 100, 1000)
    made = finetuning.batches(lengths, 32, np.random.default_rng(1))
    assert sorted(row for batch in made for row in batch) == list(range(1000))
    assert max(map(len, made)) == 32
    assert np.mean([np.ptp(lengths[batch]) for batch in made]) < 15


def test_rates_by_hand():
    assert list(finetuning.rates(1.0, 20)) == pytest.approx([0.5, 1, *(n / 18 for n in range(18, 0, -1))])
