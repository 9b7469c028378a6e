"""What `python -m bench.evaluate` is told: typed, and checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from bench.external import External
from bench.issues import bad_input, one_of, show

if TYPE_CHECKING:
    from collections.abc import Sequence

PATH_SETTINGS = ("predictions", "reference", "data_dir", "output_dir")
_PLAIN = re.compile(r"[\w./,+-]*", re.ASCII)


class Bootstrap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How intervals are made."""

    replicates: int
    seed: int


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A baseline: `estimator` is `package.module:name`, called with `settings`.

    `extra` is what must be installed for it; one that is not `offline` needs a model hub or an endpoint.
    """

    name: str
    estimator: str
    settings: dict[str, Any]
    extra: str | None = None
    offline: bool = True


class Retriever(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A retriever: `retriever` is `package.module:name`, called with `settings`."""

    name: str
    retriever: str
    settings: dict[str, Any]


class Engine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a model runs: `runner` is `package.module:name` of an engine, or of what makes one of `settings`."""

    name: str
    runner: str
    settings: dict[str, Any]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the command is told; `configs/evaluate.yaml` explains each setting."""

    task: str
    baseline: Baseline
    retriever: Retriever
    split: str
    predictions: str | None
    reference: str | None
    model: str | None
    data_dir: str | None
    output_dir: str
    name: str | None
    threshold: float
    on_missing: str
    details: bool
    batch_size: int
    engine: Engine
    bootstrap: Bootstrap
    dataset: External | None = None

    def check(self) -> None:
        """Raise `BadInputError` for a value that the types allow and that makes no sense."""
        for name, sound, expected in (
            ("task", self.task in ("pairs", "retrieval"), one_of(("pairs", "retrieval"))),
            ("threshold", 0 <= self.threshold <= 1, "a number in [0, 1]"),
            ("on_missing", self.on_missing in ("error", "wrong"), one_of(("error", "wrong"))),
            ("batch_size", self.batch_size > 0, "1 or more"),
            ("bootstrap.replicates", self.bootstrap.replicates >= 0, "0 or more"),
            ("bootstrap.seed", self.bootstrap.seed >= 0, "0 or more"),
        ):
            if not sound:
                value: Any = self
                for part in name.split("."):
                    value = getattr(value, part)
                raise bad_input("settings", f"{name} is out of range", expected, show(value))


def quote_paths(arguments: Sequence[str]) -> list[str]:
    """Quote the values of settings that name a file, so that any path can be given.

    Hydra's grammar reads `=`, brackets, blanks and more as its own; a path means none of it. Only a comma keeps
    its meaning in a sweep.
    """
    sweep = any(argument in ("-m", "--multirun") for argument in arguments)
    quoted = []
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if key in PATH_SETTINGS and equals and not _PLAIN.fullmatch(value) and value[:1] not in ("'", '"'):
            parts = value.split(",") if sweep else [value]
            escaped = (re.sub(r"(\\*)'", r"\1\1\\'", re.sub(r"(\\+)$", r"\1\1", part)) for part in parts)
            value = ",".join(f"'{part}'" for part in escaped)
        quoted.append(key + equals + value)
    return quoted
