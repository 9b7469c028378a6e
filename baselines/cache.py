"""Answers that were paid for, kept in an SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from bench.issues import bad_input

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK_SECONDS = 60.0
"""How long a process waits while another one writes."""


class Cache:
    """Values by key; made by `open_cache`."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = connection

    def get(self, key: str) -> bytes | None:
        """The value of a key, or None."""
        if self._connection is None:
            return None
        row = self._connection.execute("SELECT value FROM answers WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def put(self, key: str, value: bytes) -> None:
        """Keep a value: committed when this returns, so that the end of the process does not lose it."""
        if self._connection is not None:
            self._connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, value))


@contextlib.contextmanager
def open_cache(path: str | None) -> Iterator[Cache]:
    """The cache in a file, made where there is none; without a path, one that keeps nothing.

    Every value is committed as it comes, so that an interrupted run loses none. Several processes of one machine may
    share a file; over a network file system SQLite's locks cannot be relied on.

    Raises:
        BadInputError: where the file cannot be opened, read or written, or is no cache.
    """
    if path is None:
        yield Cache(None)
        return
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise bad_input(path, f"cannot be made: {error.strerror}") from error
    try:
        with contextlib.closing(sqlite3.connect(path, LOCK_SECONDS, isolation_level=None)) as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
            )
            yield Cache(connection)
    except sqlite3.Error as error:
        raise bad_input(path, f"cannot be used as a cache: {error}") from error
