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
