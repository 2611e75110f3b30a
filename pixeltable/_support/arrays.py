"""What NumPy does with more than it needs."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar('Item', bound=np.generic)


def distinct(values: NDArray[Item]) -> NDArray[Item]:
    """Each of `values` once, ascending; NaN is not among them.

    `numpy.unique` does it too, but loads `numpy.ma`, which takes longer than a query.
    """
    ordered: NDArray[Any] = np.sort(values)
    is_first = np.ones(len(ordered), np.bool_)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]


def ascending(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The positions of `ids` in ascending order of these, as a stable `argsort` gives them; many times as fast for ids that are
    distinct and leave few out, as those of rows do."""
    first, end = (int(ids.min()), int(ids.max()) + 1) if len(ids) else (0, 0)
    if end - first <= 4 * len(ids):
        places = np.full(end - first, -1, np.int64)
        places[ids - first] = np.arange(len(ids))
        found = places[places >= 0]
        if len(found) == len(ids):
            return found
    return np.argsort(ids, kind='stable')
