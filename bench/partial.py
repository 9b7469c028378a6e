"""Predictions of a run that is not finished, so that an interrupted one goes on where it was.

The file's first line names the run by a digest; each other line is a prediction. Whole batches are added, and what a kill
left half written at the end is dropped.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Any

import msgspec

from bench import __version__
from bench.files import to_jsonl
from bench.issues import bad_input
from bench.schema import Prediction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bench.schema import Pair


def run_key(dotted: str, settings: Any, pairs: Sequence[Pair], training: Iterable[Sequence[Pair]]) -> str:
    """SHA-256 over all that predictions depend on.

    Args:
        dotted: `package.module:name` of the estimator; the digest covers the text of its module.
        settings: of the estimator, and whatever else decides what it says.
        pairs: what is predicted: ids and texts count.
        training: the splits that the estimator learns from: ids, texts and labels count.
    """
    sha256 = hashlib.sha256(msgspec.json.encode([__version__, dotted, settings], order="deterministic"))
    module = inspect.getmodule(pkgutil.resolve_name(dotted))
    with contextlib.suppress(OSError, TypeError):  # no source: a built-in, or typed at a prompt
        sha256.update(inspect.getsource(module).encode())  # type: ignore[arg-type]
    for pair in pairs:
        sha256.update(f"{pair.pair_id}\t{pair.claim}\t{pair.counterclaim}\n".encode())
    for split in training:
        for pair in split:
            sha256.update(f"{pair.pair_id}\t{pair.claim}\t{pair.counterclaim}\t{pair.label}\n".encode())
    return sha256.hexdigest()


class Partial:
    """The file of a run that is under way; one run at a time holds it.

    Attributes:
        done: predictions that an earlier, interrupted run with the same key has left.
    """

    def __init__(self, path: Path, key: str) -> None:
        """Open the file, or make it; what a run with another key has left is dropped.

        Raises:
            BadInputError: where another run holds the file, or it cannot be written.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
        except OSError as error:
            raise bad_input(path, f"cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise bad_input(path, "another run is writing its predictions here") from error
        head = msgspec.json.encode({"run": key}) + b"\n"
        self._file.seek(0)
        content = self._file.read()
        self.done: list[Prediction] = []
        whole = 0
        if content.startswith(head):
            whole = content.rfind(b"\n") + 1
            self.done = msgspec.json.Decoder(Prediction).decode_lines(content[len(head) : whole])
        self._kept = bool(self.done)
        self._file.truncate(whole)
        if not whole:
            self._write(head)

    def add(self, predictions: Sequence[Prediction]) -> None:
        """Append a batch."""
        self._write(to_jsonl(predictions))
        self._kept = True

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._file.flush()

    def close(self) -> None:
        """Let go of the file, which stays for the run that goes on where it holds a prediction."""
        if not self._kept:
            self.path.unlink(missing_ok=True)
        self._file.close()

    def remove(self) -> None:
        """Delete the file: the run is finished."""
        self.path.unlink(missing_ok=True)
        self.close()
