"""The ids of gold pairs, and where other ids stand among them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


class PairIds:
    """Ids without repetition, held as a list or as an Arrow array of strings.

    Lists are looked up in a dictionary, Arrow arrays in Arrow's own hash table, so that neither makes objects of the
    other's rows.
    """

    def __init__(self, ids: Sequence[str] | pa.Array) -> None:
        self._ids: Any = ids

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, n: int | np.integer[Any]) -> str:
        return text_at(self._ids, n)

    def tolist(self) -> list[str]:
        """All ids in their order."""
        return list(self._ids) if isinstance(self._ids, list | tuple) else self._ids.to_pylist()

    @cached_property
    def _position(self) -> dict[str, int]:
        return {id: n for n, id in enumerate(self.tolist())}

    @cached_property
    def _arrow(self) -> pa.Array:
        import pyarrow as pa

        return pa.array(self._ids, pa.string()) if isinstance(self._ids, list | tuple) else self._ids

    def find(self, ids: Sequence[str] | pa.Array) -> NDArray[np.int64]:
        """The place of each id among these, -1 where it is not there."""
        if isinstance(ids, list | tuple):
            place = self._position.get
            return np.array([place(id, -1) for id in ids], np.int64)
        import pyarrow.compute as pc

        return np.asarray(pc.fill_null(pc.index_in(ids, value_set=self._arrow), -1)).astype(np.int64)


def text_at(ids: Any, n: int | np.integer[Any]) -> str:
    """One id of a list or of an Arrow array; empty where an array has none."""
    value = ids[int(n)]
    return value if isinstance(value, str) else str(value.as_py() or "")
