"""The training loop of `baselines.cross_encoder`: epochs, early stopping, checkpoints."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from baselines.classifiers import tokenize
from bench.files import write
from bench.issues import bad_input, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import torch

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""


@dataclass(frozen=True)
class Training:
    """What a model is trained on, and how.

    Attributes:
        texts: both texts of each of the n pairs.
        targets: (n,) number of the label of each pair, from 0 on.
        settings: those of `CrossEncoder`.
        score: the score of the model as it is, where an epoch is chosen by it.
        checkpoint: the file that holds the state after each epoch.
    """

    texts: Sequence[tuple[str, str]]
    targets: NDArray[np.int64]
    settings: dict[str, Any]
    score: Callable[[], float] | None
    checkpoint: Path | None


@dataclass(frozen=True)
class Learner:
    """What is trained, and with what."""

    network: Any
    tokenizer: Any
    optimizer: torch.optim.Optimizer


@dataclass
class State:
    """What a checkpoint holds: how far the training is, the weights now, and those of the best epoch.

    Where the training is over, only the best weights.
    """

    history: list[float]
    best_epoch: int
    best: dict[str, torch.Tensor]
    network: dict[str, torch.Tensor]
    optimizer: dict[str, Any]
    epochs: int = 0


def finetune(network: Any, tokenizer: Any, training: Training) -> tuple[list[float], int]:
    """Train a model in place; goes on from the checkpoint where there is one.

    Every epoch begins with a seed of its own, so that a resumed training is the same as one that ran through. Call it
    within `torch.random.fork_rng`.

    Returns:
        The score after each epoch (none without `score`), and the number from 0 of the epoch that is kept.

    Raises:
        BadInputError: where the checkpoint cannot be read or written.
    """
    import torch

    settings = training.settings
    freeze(network, settings["frozen_layers"])
    trained = [weight for weight in network.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, settings["learning_rate"], weight_decay=settings["weight_decay"])
    learner = Learner(network, tokenizer, optimizer)
    tokens = tokenize(tokenizer, training.texts, settings["max_length"])
    state = State([], 0, {}, network.state_dict(), optimizer.state_dict())
    if training.checkpoint is not None and training.checkpoint.is_file():
        state = read_checkpoint(training.checkpoint)
        if not _is_over(state, training):
            network.load_state_dict(state.network)
            optimizer.load_state_dict(state.optimizer)
    while not _is_over(state, training):
        _epoch(learner, tokens, training, state.epochs)
        _note(learner, training, state)
    network.load_state_dict(state.best)
    return state.history, state.best_epoch


def freeze(network: Any, layers: int | None) -> None:
    """Leave the embeddings and the lowest layers of an encoder as they are; None leaves nothing so.

    Raises:
        BadInputError: where the encoder has fewer layers, or is not built as BERT is.
    """
    if layers is None:
        return
    encoder = network.base_model
    stack = getattr(getattr(encoder, "encoder", None), "layer", None)
    if stack is None or not hasattr(encoder, "embeddings"):
        raise bad_input("settings", "frozen_layers needs a model built as BERT is", "null", show(layers))
    if not isinstance(layers, int) or not 0 <= layers <= len(stack):
        raise bad_input(
            "settings", "frozen_layers is out of range", f"0 to {len(stack)}, or null", show(layers)
        )
    for part in (encoder.embeddings, *stack[:layers]):
        part.requires_grad_(False)


def batches(lengths: Sequence[int], size: int, generator: np.random.Generator) -> list[NDArray[np.int64]]:
    """Rows in random batches of like length: sorted by length within runs of 16 batches of a random order."""
    order = generator.permutation(len(lengths))
    made = []
    for start in range(0, len(order), 16 * size):
        run = sorted(order[start : start + 16 * size], key=lambda row: lengths[row])
        made += [np.array(run[n : n + size]) for n in range(0, len(run), size)]
    return [made[n] for n in generator.permutation(len(made))]


def rates(highest: float, steps: int) -> Iterator[float]:
    """The learning rate of each step: up in `WARM_UP` of them, then down to 0, both in a line."""
    warm = max(1, round(WARM_UP * steps))
    for step in range(steps):
        yield highest * min((step + 1) / warm, (steps - step) / max(1, steps - warm))


def _epoch(learner: Learner, tokens: Sequence[dict[str, list[int]]], training: Training, epoch: int) -> None:
    """One pass over the training pairs."""
    import torch

    settings, network = training.settings, learner.network
    seeds = np.random.SeedSequence((settings["random_state"], epoch))
    torch.manual_seed(int(seeds.generate_state(1)[0]))
    lengths = [len(row["input_ids"]) for row in tokens]
    rows = batches(lengths, settings["batch_size"], np.random.default_rng(seeds))
    planned = rates(settings["learning_rate"], len(rows) * settings["epochs"])
    now = islice(planned, len(rows) * epoch, len(rows) * (epoch + 1))
    loss = torch.nn.CrossEntropyLoss(_class_weights(training)).to(network.device)
    network.train()
    for batch, rate in zip(rows, now, strict=True):
        for group in learner.optimizer.param_groups:
            group["lr"] = rate
        inputs = learner.tokenizer.pad([tokens[row] for row in batch], return_tensors="pt")
        targets = torch.tensor(training.targets[batch], device=network.device)
        learner.optimizer.zero_grad()
        loss(network(**inputs.to(network.device)).logits, targets).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        learner.optimizer.step()


def _class_weights(training: Training) -> torch.Tensor | None:
    import torch
    from sklearn.utils.class_weight import compute_class_weight

    if training.settings["class_weight"] is None:
        return None
    weights = compute_class_weight(
        training.settings["class_weight"], classes=np.unique(training.targets), y=training.targets
    )
    return torch.tensor(weights, dtype=torch.float32)


def _is_over(state: State, training: Training) -> bool:
    """Whether all epochs are done, or the last `patience` of them were no better."""
    settings = training.settings
    stale = state.epochs - 1 - state.best_epoch
    stopped = training.score is not None and stale >= settings["patience"]
    return stopped or state.epochs >= settings["epochs"]


def _note(learner: Learner, training: Training, state: State) -> None:
    """Score the epoch that has ended, keep its weights if they are the best, write the checkpoint."""
    network = learner.network
    value = training.score() if training.score is not None else None
    if value is None or not state.history or value > max(state.history):
        state.best_epoch = state.epochs
        state.best = {name: weight.detach().cpu().clone() for name, weight in network.state_dict().items()}
    if value is not None:
        state.history.append(value)
    state.epochs += 1
    over = _is_over(state, training)
    state.network, state.optimizer = (
        ({}, {}) if over else (network.state_dict(), learner.optimizer.state_dict())
    )
    if training.checkpoint is not None:
        import torch

        buffer = io.BytesIO()
        torch.save(vars(state), buffer)
        write(training.checkpoint, buffer.getvalue())


def read_checkpoint(path: Path) -> State:
    """The state that a training left.

    Raises:
        BadInputError: where the file is none that this module wrote.
    """
    import torch

    try:
        return State(**torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, RuntimeError, EOFError, TypeError, ValueError, pickle.UnpicklingError) as error:
        raise bad_input(
            path, "no readable checkpoint", "a file that a fit wrote; delete it to start anew"
        ) from error
