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

    Ids of a list are looked up in a dictionary. Ids of an Arrow array are looked up in Arrow's hash table, which is made
    anew for every look-up, so that all should be looked up at once; no object is made of a row.
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

    @property
    def columnar(self) -> bool:
        """Whether the ids are an Arrow array."""
        return not isinstance(self._ids, list | tuple)

    def find(self, ids: Sequence[str] | pa.Array) -> NDArray[np.int64]:
        """The place of each id among these, -1 where it is not there."""
        if not self.columnar:
            place = self._position.get
            known: Any = ids if isinstance(ids, list | tuple) else ids.to_pylist()  # type: ignore[union-attr]
            return np.array([place(id, -1) for id in known], np.int64)
        import pyarrow as pa
        import pyarrow.compute as pc

        asked = pa.array(ids, pa.string()) if isinstance(ids, list | tuple) else ids
        return np.asarray(pc.fill_null(pc.index_in(asked, value_set=self._ids), -1)).astype(np.int64)


def text_at(ids: Any, n: int | np.integer[Any]) -> str:
    """One id of a list or of an Arrow array; empty where an array has none."""
    value = ids[int(n)]
    return value if isinstance(value, str) else str(value.as_py() or "")
