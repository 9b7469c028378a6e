"""Running a transformer that classifies pairs of texts: loading, and probabilities in batches of like length."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.issues import bad_input, needs, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import torch


def model_identity(model: str) -> str:
    """SHA-256 of the files of a model's folder; a name on the hub is its own identity.

    Raises:
        BadInputError: where a file cannot be read.
    """
    folder = Path(model)
    if not folder.is_dir():
        return model
    sha256 = hashlib.sha256()
    try:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            sha256.update(f"{path.relative_to(folder)}\t{path.stat().st_size}\n".encode())
            with path.open("rb") as file:
                sha256.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        raise bad_input("settings", f"the model cannot be read: {error}") from error
    return sha256.hexdigest()


def load(model: str, **settings: Any) -> tuple[Any, Any, set[str]]:
    """A pair classifier of transformers, its tokenizer, and the names of weights that the model lacks.

    Args:
        model: a folder or a name on the hub.
        settings: for `AutoModelForSequenceClassification.from_pretrained`.

    Raises:
        BadInputError: where transformers is not installed, or there is no such model, or none that it can read, or one
            without the words of its tokenizer.
    """
    with needs("neural"):
        from safetensors import SafetensorError
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
    try:
        with _quiet():
            tokenizer = AutoTokenizer.from_pretrained(model)
            network, report = AutoModelForSequenceClassification.from_pretrained(
                model, output_loading_info=True, **settings
            )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        expected = "a folder, or a name on the hub that is cached or can be reached"
        raise bad_input("settings", "the model cannot be loaded", expected, show(model)) from error
    if len(tokenizer) <= len(tokenizer.all_special_ids):
        raise bad_input("settings", "the model has no tokenizer", "its files beside the weights", show(model))
    positions = getattr(network.config, "max_position_embeddings", 0)
    if positions and positions > 0:
        tokenizer.model_max_length = min(tokenizer.model_max_length, positions)
    return network, tokenizer, set(report["missing_keys"])


def check_settings(estimator: Any, least: Mapping[str, int]) -> None:
    """Check whole numbers among an estimator's settings.

    Raises:
        BadInputError: for one that is no whole number, or below its least value.
    """
    for name, low in least.items():
        value = getattr(estimator, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise bad_input(
                "settings", f"{name} is out of range", f"a whole number, {low} or more", show(value)
            )


def pick_device(device: str) -> torch.device:
    """The device of that name; `auto` is a GPU where there is one.

    Raises:
        BadInputError: for a name that torch does not know, or a GPU that is not there; where torch is not installed.
    """
    with needs("neural"):
        import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise bad_input("settings", "no such device", "auto, cpu or cuda", show(device)) from error


def tokenize(tokenizer: Any, texts: Sequence[tuple[str, str]], max_length: int) -> list[dict[str, list[int]]]:
    """The tokens of each pair of texts, the longer text cut where there are more than `max_length` or the model takes."""
    encoded = tokenizer(
        [first for first, _ in texts],
        [second for _, second in texts],
        truncation=True,
        max_length=min(max_length, tokenizer.model_max_length),
    )
    return [{key: encoded[key][n] for key in encoded} for n in range(len(texts))]


def probabilities(
    network: Any, tokenizer: Any, texts: Sequence[tuple[str, str]], batch_size: int, max_length: int
) -> NDArray[np.float64]:
    """The softmax of the model's outputs, (texts, outputs), none of them where there is no text.

    A batch holds pairs of like length, longest first, so that little is padded and a lack of memory shows at once.
    """
    import torch

    tokens = tokenize(tokenizer, texts, max_length) if texts else []
    order = sorted(range(len(tokens)), key=lambda n: len(tokens[n]["input_ids"]), reverse=True)
    found = np.empty((len(tokens), network.config.num_labels))
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            batch = tokenizer.pad([tokens[n] for n in rows], return_tensors="pt").to(network.device)
            found[rows] = network(**batch).logits.double().softmax(-1).cpu().numpy()
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the bar and the report of weights that transformers prints while it loads."""
    from transformers.utils import logging

    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()
