"""A small transformer fine-tuned on pairs: both texts are read together (extra: neural)."""

from __future__ import annotations

import hashlib
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import f1_score

from baselines import classifiers, finetuning
from baselines.classifiers import check_settings, load, model_identity, pick_device, probabilities
from baselines.finetuning import Training, finetune
from baselines.retrievers import packaged_model
from bench.issues import bad_input, needs, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench import Pair

    Labelled = tuple[Sequence[Pair], Sequence[str]]


class CrossEncoder(ClassifierMixin, BaseEstimator):
    """A pretrained encoder with a classification head (Devlin et al., BERT, 2019), fine-tuned on the training pairs.

    Fine-tuning is AdamW with a linear warm-up over a tenth of the steps and a linear decay. After each epoch the model is
    scored on the validation pairs, where there are any; the epoch with the highest contradiction F1 is kept, and after
    `patience` epochs without a better one it stops. The same seed gives the same model on the same machine.

    Args:
        model: a folder or hub name of an encoder that transformers loads; the packaged all-MiniLM-L6-v2 by default.
        epochs: the most passes over the training pairs, 1 or more.
        learning_rate: its highest value.
        batch_size: pairs in a step, 1 or more.
        weight_decay: of all weights.
        frozen_layers: how many of the encoder's lowest layers, 0 to all, are left as they are, with the embeddings of
            words; None trains the embeddings too.
        class_weight: `balanced` weighs the loss by the inverse frequency of the label, null does not.
        patience: epochs without a better one, after which it stops, 1 or more.
        symmetric: whether the probability of contradiction is the mean of both directions; the other labels share the
            rest as they did.
        max_length: tokens of a pair, 8 or more, from which on the longer text is cut.
        checkpoint_dir: where the state after each epoch is kept, so that an interrupted fit goes on from there; a
            checkpoint of other settings, pairs, code or versions of libraries has another name. None keeps nothing.
        random_state: seed of the head, of dropout and of the order of pairs, 0 or more.
        device: `cpu`, `cuda`, or `auto` for a GPU where there is one.
    """

    def __init__(
        self,
        *,
        model: str | None = None,
        epochs: int = 4,
        learning_rate: float = 5e-5,
        batch_size: int = 32,
        weight_decay: float = 0.01,
        frozen_layers: int | None = 0,
        class_weight: str | None = "balanced",
        patience: int = 2,
        symmetric: bool = False,
        max_length: int = 256,
        checkpoint_dir: str | None = None,
        random_state: int = 0,
        device: str = "auto",
    ) -> None:
        self.model = model
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.frozen_layers = frozen_layers
        self.class_weight = class_weight
        self.patience = patience
        self.symmetric = symmetric
        self.max_length = max_length
        self.checkpoint_dir = checkpoint_dir
        self.random_state = random_state
        self.device = device

    @property
    def identity(self) -> str:
        """Tells models apart that have the same name."""
        return model_identity(self.model or packaged_model())

    def fit(
        self, pairs: Sequence[Pair], labels: Sequence[str], validation: Labelled | None = None
    ) -> CrossEncoder:
        """Fine-tune the encoder; `validation` is (pairs, labels) that decide which epoch is kept.

        Raises:
            BadInputError: where a setting is out of range, the model cannot be loaded, or a checkpoint cannot be read.
        """
        with needs("neural"):
            import torch

        check_settings(
            self, {"epochs": 1, "batch_size": 1, "patience": 1, "max_length": 8, "random_state": 0}
        )
        if self.class_weight not in (None, "balanced"):
            raise bad_input("settings", "unknown class_weight", "balanced or null", show(self.class_weight))
        self.classes_, targets = np.unique(labels, return_inverse=True)
        training = Training(
            texts=_texts(pairs),
            targets=targets,
            settings=self.get_params(),
            score=None if validation is None else lambda: self._contradiction_f1(*validation),
            checkpoint=self._checkpoint(pairs, labels, validation),
        )
        with torch.random.fork_rng(range(torch.cuda.device_count())):
            torch.manual_seed(self.random_state)
            network, self.tokenizer_, _ = load(
                self.model or packaged_model(), num_labels=len(self.classes_), dtype="float32"
            )
            self.network_ = network.to(pick_device(self.device))
            self.history_, self.best_epoch_ = finetune(self.network_, self.tokenizer_, training)
        self.network_.cpu()
        return self

    def predict_proba(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """(pairs, classes) probabilities."""
        asked = _texts(pairs)
        turned = [(second, first) for first, second in asked]
        if not self.symmetric or "contradiction" not in self.classes_ or len(self.classes_) == 1:
            return self._probabilities(asked)
        distinct = list(dict.fromkeys(asked + turned))
        row = {texts: n for n, texts in enumerate(distinct)}
        answers = self._probabilities(distinct)
        forward, backward = answers[[row[t] for t in asked]], answers[[row[t] for t in turned]]
        return average_contradiction(forward, backward, list(self.classes_).index("contradiction"))

    def _probabilities(self, texts: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """(texts, classes) probabilities of texts in the order that they have."""
        network = self.network_.to(pick_device(self.device))
        return probabilities(network, self.tokenizer_, texts, self.batch_size, self.max_length)

    def _contradiction_f1(self, pairs: Sequence[Pair], labels: Sequence[str]) -> float:
        """Of the model as it is, in one direction."""
        predicted = self.classes_[self._probabilities(_texts(pairs)).argmax(1)]
        gold = np.asarray(labels) == "contradiction"
        return float(f1_score(gold, predicted == "contradiction", zero_division=0))

    def _checkpoint(
        self, pairs: Sequence[Pair], labels: Sequence[str], validation: Labelled | None
    ) -> Path | None:
        """The file of this fit: its name is a digest of all that it depends on, as far as this project knows it."""
        if self.checkpoint_dir is None:
            return None
        import torch
        import transformers

        versions = [str(torch.__version__), transformers.__version__, pick_device(self.device).type]
        sources = [inspect.getsource(module) for module in (sys.modules[__name__], classifiers, finetuning)]
        settings = {key: value for key, value in self.get_params().items() if key not in _NOT_OF_THE_FIT}
        data = [
            [(pair.claim, pair.counterclaim, str(label)) for pair, label in zip(*part, strict=True)]
            for part in ((pairs, labels), validation or ((), ()))
        ]
        parts = [settings, self.identity, versions, sources, data]
        digest = hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
        return Path(self.checkpoint_dir) / f"{digest}.pt"


_NOT_OF_THE_FIT = ("model", "symmetric", "checkpoint_dir", "device")
"""Settings that do not change what is learnt, or that a checkpoint's name has in another form."""


def average_contradiction(
    forward: NDArray[np.float64], backward: NDArray[np.float64], contradiction: int
) -> NDArray[np.float64]:
    """Forward probabilities with that of contradiction, which has no direction, averaged over both directions.

    Args:
        forward: (pairs, classes) probabilities of (claim, counter-claim).
        backward: the same of (counter-claim, claim).
        contradiction: number of its column.

    Returns:
        (pairs, classes) probabilities; the other classes share what is left in the proportion of `forward`.
    """
    mean = (forward[:, contradiction] + backward[:, contradiction]) / 2
    others = np.delete(np.arange(forward.shape[1]), contradiction)
    rest = forward[:, others]
    total = rest.sum(1, keepdims=True)
    share = np.divide(rest, total, out=np.full_like(rest, 1 / len(others)), where=total > 0)
    found = np.empty_like(forward)
    found[:, contradiction] = mean
    found[:, others] = share * (1 - mean)[:, None]
    return found


def _texts(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(pair.claim, pair.counterclaim) for pair in pairs]
