import itertools
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

from baselines.nli import NLI
from bench.engine import answer as predict
from bench.evaluate import main
from bench.issues import BadInputError
from bench.schema import LABELS
from tests.baselines import tiny
from tests.conftest import make_pair

pytest.importorskip("transformers", reason="needs the extra neural")
import torch

PAIRS = [
    make_pair(f"e/c{n}-c9", claim=one, counterclaim=other) for n, (one, other) in enumerate(tiny.TEXTS * 4)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.save(tmp_path_factory.mktemp("nli") / "model", dict(enumerate(LABELS)))


def rename(folder, tmp_path, names):
    """The same weights with other names of the outputs."""
    import shutil

    other = shutil.copytree(folder, tmp_path / "renamed")
    config = json.loads((other / "config.json").read_text())
    config["id2label"] = {str(n): name for n, name in enumerate(names)}
    config["label2id"] = {name: n for n, name in enumerate(names)}
    (other / "config.json").write_text(json.dumps(config))
    return str(other)


def test_the_probabilities_are_those_of_the_model_asked_alone(folder):
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    network = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    model = NLI(folder)
    assert model.classes_ == list(LABELS)
    answer = model.predict_proba(PAIRS)
    for pair, row in zip(PAIRS, answer, strict=True):
        with torch.inference_mode():
            logits = network(**tokenizer(pair.claim, pair.counterclaim, return_tensors="pt")).logits
        np.testing.assert_allclose(row, logits.softmax(-1)[0].numpy(), atol=1e-5)
    assert np.ptp(answer, axis=0).max() > 0.01  # the model is no constant


@pytest.mark.parametrize("order", list(itertools.permutations(LABELS)))
def test_label_order_is_read_from_the_config(folder, tmp_path, order):
    named = rename(folder, tmp_path, [name.upper() for name in order])
    model = NLI(named)
    plain = NLI(folder).predict_proba(PAIRS)
    assert model.classes_ == list(order)
    for prediction, row in zip(predict(model, PAIRS), plain, strict=True):
        assert [prediction.scores[name] for name in order] == pytest.approx(row.tolist(), abs=1e-5)


def test_labels_of_the_settings_count_more(folder, tmp_path):
    named = rename(folder, tmp_path, ["LABEL_0", "LABEL_1", "LABEL_2"])
    model = NLI(named, labels=["Contradiction", "entailment", "neutral"])
    assert model.classes_ == ["contradiction", "entailment", "neutral"]


@pytest.mark.parametrize(
    ("names", "labels", "expected"),
    [
        (["LABEL_0", "LABEL_1", "LABEL_2"], None, "the config does not name the labels, expected entailment"),
        (["entailment", "neutral", "Entailment"], None, "the config does not name the labels"),
        (["entailment", "not_entailment", "contradiction"], None, "name them: baseline.settings.labels"),
        (
            list(LABELS),
            ["neutral", "contradiction"],
            "labels do not fit the model, expected .* 3 outputs, got",
        ),
        (list(LABELS), ["neutral", "neutral", "contradiction"], "labels do not fit the model"),
    ],
)
def test_labels_that_are_not_told(folder, tmp_path, names, labels, expected):
    with pytest.raises(BadInputError, match=expected):
        NLI(rename(folder, tmp_path, names), labels=labels).predict_proba(PAIRS)


def test_a_model_of_two_outputs_is_refused(tmp_path):
    model = tiny.save(tmp_path / "two", {0: "entailment", 1: "not_entailment"})
    for labels in (None, list(LABELS)):
        with pytest.raises(BadInputError, match=r"not_entailment|2 outputs"):
            NLI(model, labels=labels).predict_proba(PAIRS)


def test_a_model_without_a_head_is_refused(tmp_path):
    model = tiny.save(tmp_path / "bare", dict(enumerate(LABELS)), head=False)
    with pytest.raises(BadInputError, match=r"weights are missing, expected .*classifier\.bias"):
        NLI(model).predict_proba(PAIRS)


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_order_and_batches_do_not_change_an_answer(folder, batch_size):
    whole = NLI(folder).predict_proba(PAIRS)
    model = NLI(folder, batch_size=batch_size)
    order = np.random.default_rng(0).permutation(len(PAIRS))
    np.testing.assert_allclose(model.predict_proba([PAIRS[n] for n in order]), whole[order], atol=1e-5)
    np.testing.assert_allclose(model.predict_proba(PAIRS[:1]), whole[:1], atol=1e-5)


def test_bfloat16(folder):
    model = NLI(folder, dtype="bfloat16")
    answer = model.predict_proba(PAIRS)
    assert next(model._loaded[0].parameters()).dtype == torch.bfloat16
    np.testing.assert_allclose(answer.sum(1), 1)
    np.testing.assert_allclose(answer, NLI(folder).predict_proba(PAIRS), atol=0.1)


def test_a_long_text_is_cut(folder):
    long = make_pair("e/c1-c2", claim="rain " * 500, counterclaim="no rain fell")
    cut = make_pair("e/c1-c2", claim="rain " * 10, counterclaim="no rain fell")
    np.testing.assert_allclose(
        NLI(folder, max_length=16).predict_proba([long]), NLI(folder).predict_proba([cut]), atol=1e-5
    )
    NLI(folder, max_length=512).predict_proba([long])  # the model has 64 positions


def test_settings_survive_clone_and_pickle(folder):
    model = NLI(folder, batch_size=2)
    answer = model.predict_proba(PAIRS)
    shipped = pickle.dumps(model)
    assert len(shipped) < 2000  # the weights stay behind
    for other in (clone(model), pickle.loads(shipped)):
        assert other.get_params() == model.get_params()
        np.testing.assert_array_equal(other.predict_proba(PAIRS), answer)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"dtype": "float8"}, "unknown dtype, expected one of float32, bfloat16, got 'float8'"),
        ({"batch_size": 0}, "batch_size is out of range, expected a whole number, 1 or more, got 0"),
        ({"max_length": None}, "max_length is out of range"),
        ({"device": "abacus"}, "no such device, expected auto, cpu or cuda, got 'abacus'"),
    ],
)
def test_bad_settings(folder, settings, expected):
    with pytest.raises(BadInputError, match=expected):
        NLI(folder, **settings).predict_proba(PAIRS)


def test_a_model_without_tokenizer_is_refused(folder, tmp_path):
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((Path(folder) / name).read_bytes())
    with pytest.raises(BadInputError, match="the model has no tokenizer"):
        NLI(str(tmp_path)).predict_proba(PAIRS)


def test_broken_weights_are_told(folder, tmp_path):
    for path in Path(folder).iterdir():
        content = path.read_bytes()
        (tmp_path / path.name).write_bytes(content[:100] if path.suffix == ".safetensors" else content)
    with pytest.raises(BadInputError, match="the model cannot be loaded"):
        NLI(str(tmp_path)).predict_proba(PAIRS)


def test_identity_is_that_of_the_files(folder, tmp_path):
    same = rename(folder, tmp_path, list(LABELS))
    assert NLI(folder).identity == NLI(folder).identity
    assert NLI(same).identity != NLI(folder).identity  # the config is written otherwise
    assert NLI("some/name").identity == "some/name"


def test_no_pairs(folder):
    assert NLI(folder).predict_proba([]).shape == (0, 3)


def test_the_command(folder, tmp_path, capsys):
    assert main([
        "baseline=nli", f"baseline.settings.model='{folder}'", "split=validation", "bootstrap.replicates=0",
        f"output_dir={tmp_path}",
    ]) == 0, capsys.readouterr().err  # fmt: skip
    assert (tmp_path / "nli" / "results.json").is_file()


def test_a_missing_model_is_told_without_traceback(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    command = ["baseline=nli", "baseline.settings.model=no-such/model", f"output_dir={tmp_path}"]
    assert main([*command, "split=validation"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("settings: the model cannot be loaded, expected a folder, or a name on the hub")
    assert "'no-such/model'" in error
    assert "Traceback" not in error
    assert not (tmp_path / "nli" / "results.json").exists()
