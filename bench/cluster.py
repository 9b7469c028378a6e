"""A model on a Ray cluster: actors hold it, batches stream through them (extra: ray)."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

import msgspec

from bench.engine import answer
from bench.hardware import peak_memory_mib
from bench.issues import BadInputError, Issue, bad_input, needs
from bench.schema import Pair, Prediction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.engine import Engine


class Actor:
    """Holds a fitted model in a process of its own."""

    def __init__(self, reference: Any) -> None:
        """Args: where Ray's object store holds the model."""
        import ray

        self.model = ray.get(reference)

    def __call__(self, row: dict[str, bytes]) -> dict[str, Any]:
        """Encoded pairs in; encoded predictions out, or what is wrong with them, since Ray drops causes of errors."""
        batch = msgspec.json.decode(row["batch"], type=list[Pair])
        predictions: list[Prediction] = []
        issues: list[Issue] = []
        try:
            predictions = answer(self.model, batch)
        except BadInputError as error:
            issues = error.issues
        return {
            "predictions": msgspec.json.encode(predictions),
            "issues": msgspec.json.encode(issues),
            "peak": peak_memory_mib(),
            "tally": self.model.take_tally() if hasattr(self.model, "take_tally") else b"",
        }


def ray_data(address: str = "local", actors: int = 2, cpus: float = 1, gpus: float = 0) -> Engine:
    """An engine that runs a model in Ray Data.

    Args:
        address: of a running cluster; `local` starts one on this machine and ends it afterwards.
        actors: processes that hold the model.
        cpus: that each of them takes.
        gpus: that each of them takes.

    Raises:
        BadInputError: where Ray is not installed, or `address` does not answer.
    """

    def run(model: Any, batches: Sequence[Sequence[Pair]]) -> Iterator[tuple[list[Prediction], float]]:
        ray, started = _connect(address)
        try:
            rows = ray.data.from_items(
                [{"batch": msgspec.json.encode(batch)} for batch in batches], override_num_blocks=len(batches)
            )
            made = rows.map(
                Actor,
                fn_constructor_args=(ray.put(model),),
                compute=ray.data.ActorPoolStrategy(size=actors),
                num_cpus=cpus,
                num_gpus=gpus,
            )
            # `iter_rows` leaves threads behind when it is left early, and Ray ends a process in which one of them asks it
            # for something after `shutdown`; this iterator has none.
            for bundle in made.iter_internal_ref_bundles():
                for row in _rows(ray, bundle):
                    if issues := msgspec.json.decode(row["issues"], type=list[Issue]):
                        raise BadInputError(issues)
                    if tally := row["tally"]:
                        model.add_tally(tally)
                    yield msgspec.json.decode(row["predictions"], type=list[Prediction]), row["peak"]
        finally:
            if started:
                ray.shutdown()

    return run


def _rows(ray: Any, bundle: Any) -> Iterator[dict[str, Any]]:
    """What actors returned, from the object store."""
    for block in ray.get(bundle.block_refs):
        yield from ray.data.block.BlockAccessor.for_block(block).iter_rows(public_row_format=True)


def _connect(address: str) -> tuple[Any, bool]:
    """Ray, and whether the connection was made here."""
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # the rest stands in Ray's own log files
    with needs("ray"):
        import ray
        import ray.data
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False  # the engine shows one of its own
    if ray.is_initialized():
        return ray, False
    try:
        ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False, include_dashboard=False)
    except (ConnectionError, ValueError) as error:
        raise bad_input("settings", f"engine.settings.address does not answer: {error}") from error
    return ray, True
