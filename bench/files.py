"""Where the files that travel with the package lie, and how files are made and written."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonlines
import msgspec

from bench.issues import bad_input

if TYPE_CHECKING:
    from collections.abc import Iterable


def home() -> Path:
    """Folder that holds `data/` and `configs/`: the checkout, or the installed package's own copy of them."""
    package = Path(__file__).resolve().parent
    shipped = package / "_shipped"
    return shipped if shipped.is_dir() else package.parent


def checkout() -> bool:
    """Whether this is a checkout, and no installed package with its own copy of the files."""
    return home() == Path(__file__).resolve().parent.parent


def data_home() -> Path:
    """The data set that ships with this version."""
    return home() / "data"


def configs_home() -> Path:
    """The Hydra configurations that ship with this version."""
    return home() / "configs"


def to_jsonl(rows: Iterable[Any]) -> bytes:
    """Rows as JSON, one a line; same rows, same bytes."""
    buffer = io.BytesIO()
    with jsonlines.Writer(buffer, dumps=msgspec.json.encode) as writer:
        writer.write_all(rows)
    return buffer.getvalue()


def to_json(record: Any, digits: int | None = None) -> bytes:
    """A record as indented JSON; same record, same bytes.

    Args:
        record: anything that msgspec can encode.
        digits: to which floats are rounded, so that small differences between machines do not show.
    """
    if digits is not None:
        record = _rounded(msgspec.to_builtins(record), digits)
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def _rounded(value: Any, digits: int) -> Any:
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, dict):
        return {key: _rounded(part, digits) for key, part in value.items()}
    return [_rounded(part, digits) for part in value] if isinstance(value, list | tuple) else value


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: to a temporary file beside it, then renamed.

    Raises:
        BadInputError: where the folder cannot be made or written to.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise bad_input(path, f"cannot be written: {error.strerror}") from error
