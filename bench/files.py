"""Where the files that travel with the package lie, and how files are written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.issues import bad_input


def home() -> Path:
    """Folder that holds `data/` and `configs/`: the checkout, or the installed package's own copy of them."""
    package = Path(__file__).resolve().parent
    shipped = package / "_shipped"
    return shipped if shipped.is_dir() else package.parent


def data_home() -> Path:
    """The data set that ships with this version."""
    return home() / "data"


def configs_home() -> Path:
    """The Hydra configurations that ship with this version."""
    return home() / "configs"


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
