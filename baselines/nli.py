"""Any cross-encoder for natural language inference, as it is (extra: neural)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from baselines.classifiers import check_settings, load, model_identity, pick_device, probabilities
from bench.issues import bad_input, one_of, show
from bench.schema import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench import Pair

DTYPES = ("float32", "bfloat16")
"""Types of weights that a model can be run with."""


class NLI(BaseEstimator):
    """A sequence classifier of the Hugging Face hub: the claim is its premise, the counter-claim its hypothesis.

    The model is loaded when it is first asked, and stays behind when the object is pickled.

    Args:
        model: a name on the hub, or a folder.
        labels: the labels of the model's outputs, in order; by default read from `id2label` of its config.
        batch_size: pairs that the model is given at once, 1 or more; they are of like length.
        max_length: tokens of a pair, 8 or more, from which on the longer text is cut.
        dtype: `float32` or `bfloat16`.
        device: `cpu`, `cuda`, or `auto` for a GPU where there is one.
    """

    def __init__(
        self,
        model: str,
        *,
        labels: Sequence[str] | None = None,
        batch_size: int = 32,
        max_length: int = 512,
        dtype: str = "float32",
        device: str = "auto",
    ) -> None:
        self.model = model
        self.labels = labels
        self.batch_size = batch_size
        self.max_length = max_length
        self.dtype = dtype
        self.device = device

    @property
    def identity(self) -> str:
        """Tells models apart that have the same name."""
        return model_identity(self.model)

    def __getstate__(self) -> dict[str, Any]:
        """The settings alone."""
        state: dict[str, Any] = super().__getstate__()
        return {key: value for key, value in state.items() if key != "_loaded"}

    @property
    def classes_(self) -> list[str]:
        """The labels of the columns of `predict_proba`, in the order of the model's outputs."""
        return list(self._load()[2])

    def predict_proba(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """(pairs, classes) probabilities.

        Raises:
            BadInputError: where the model cannot be loaded, or its labels are not told or are others.
        """
        network, tokenizer, _ = self._load()
        texts = [(pair.claim, pair.counterclaim) for pair in pairs]
        return probabilities(network, tokenizer, texts, self.batch_size, self.max_length)

    def _load(self) -> tuple[Any, Any, list[str]]:
        """Model, tokenizer and the labels of its outputs."""
        if not hasattr(self, "_loaded"):
            check_settings(self, {"batch_size": 1, "max_length": 8})
            if self.dtype not in DTYPES:
                raise bad_input("settings", "unknown dtype", one_of(DTYPES), show(self.dtype))
            device = pick_device(self.device)
            network, tokenizer, missing = load(self.model, dtype=self.dtype)
            if missing:
                got = show(sorted(missing))
                raise bad_input(self.model, "weights are missing", "a model trained to classify pairs", got)
            id2label = network.config.id2label
            labels = label_order(self.model, [id2label[n] for n in sorted(id2label)], self.labels)
            self._loaded = (network.to(device), tokenizer, labels)
        return self._loaded


def label_order(model: str, names: Sequence[str], given: Sequence[str] | None) -> list[str]:
    """Our label of each output of a model.

    Args:
        model: what a message calls it.
        names: the outputs' names in its config.
        given: the labels as the user has them, which count more than the config's.

    Raises:
        BadInputError: where the labels are not the three, each once.
    """
    found = [str(name).strip().casefold() for name in (names if given is None else given)]
    if sorted(found) == sorted(LABELS) and len(names) == len(LABELS):
        return found
    if given is not None:
        expected = f"{', '.join(LABELS)} in the order of the model's {len(names)} outputs"
        raise bad_input("settings", "labels do not fit the model", expected, show(list(given)))
    expected = f"{', '.join(LABELS)} in some order; else name them: baseline.settings.labels=[...]"
    raise bad_input(model, "the config does not name the labels", expected, show(list(names)))
