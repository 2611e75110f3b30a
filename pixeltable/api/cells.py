"""What stored cells are to users, and when two cells are equal. Columns are decoded by `types.arrow`; this adds media."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable._support import temporary
from pixeltable.api.render.values import Media
from pixeltable.errors import Error
from pixeltable.exec.media.loading import FETCHING_THREADS
from pixeltable.media.data_urls import content_of
from pixeltable.media.library import Library
from pixeltable.media.references import is_content
from pixeltable.types.column_type import ColumnType, Kind
from pixeltable.types.fragments import film_order
from pixeltable.types.nested_media import holds_media, replaced


def presented(value: Any, type_: ColumnType, library: Library | None, is_unseen: bool = False) -> Any:
    """The value for users of a decoded cell: of media, an image or the path of a local file, which `library` finds.

    Media that are `is_unseen` are looked at now; what cannot be read is None. Those inside of Json are such values, too.
    """
    if not type_.is_media and library is not None:
        return replaced(value, type_, lambda each, kind: presented(each, ColumnType(kind), library))
    if not isinstance(value, str) or library is None:
        return value
    if is_unseen:
        try:
            library.look(value, type_.kind)
        except Error:
            return None
    if type_.kind is Kind.IMAGE:
        return library.opened(value, type_.kind)
    return temporary.file_of(content_of(value)) if is_content(value) else library.path(value)


def displayed(value: Any, type_: ColumnType, library: Library | None) -> Any:
    """The value of a decoded cell for grids and HTML: media are not opened."""
    if library is None:
        return value
    url = library.url
    return replaced(value, type_, lambda each, kind: Media(kind.value, url(each)) if isinstance(each, str) else each)


def with_urls(data: pa.Table, types: Mapping[str, ColumnType], library: Library | None) -> pa.Table:
    """`data` with URLs in its columns of media."""
    for name, type_ in types.items():
        if type_.is_media and library is not None:
            data = data.set_column(data.column_names.index(name), name, library.urls(data.column(name)))
    return data


def all_presented(values: Sequence[Any], type_: ColumnType, library: Library | None, is_unseen: bool) -> Iterator[Any]:
    """A column for users, one value after another. What is remote is fetched some values ahead, in parallel."""
    if not (type_.is_media or holds_media(type_)):
        return iter(values)
    show = partial(presented, type_=type_, library=library, is_unseen=is_unseen)
    return _ahead(show, values) if library is not None and any(map(library.is_fetched, values)) else map(show, values)


def column_presented(values: Sequence[Any], type_: ColumnType, library: Library | None, is_unseen: bool) -> list[Any]:
    """A column for users. Of each film the frames are decoded forwards."""
    order = film_order(values) if type_.kind is Kind.IMAGE else None
    if order is None:
        return list(all_presented(values, type_, library, is_unseen))
    found = all_presented([values[place] for place in order], type_, library, is_unseen)
    by_place = dict(zip(order, found, strict=True))
    return [by_place[place] for place in range(len(values))]


def _ahead(show: Callable[[Any], Any], values: Sequence[Any]) -> Iterator[Any]:
    with ThreadPoolExecutor(FETCHING_THREADS) as pool:
        for start in range(0, len(values), FETCHING_THREADS):
            yield from pool.map(show, values[start : start + FETCHING_THREADS])


def same(left: Any, right: Any) -> bool:
    """Equality of cells as data: arrays by shape and items, NaN equal to NaN."""
    if left is right:
        return True
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return isinstance(left, np.ndarray) and isinstance(right, np.ndarray) and _same_arrays(left, right)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float) and left != left:
        return right != right
    return bool(left == right)


def _same_arrays(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> bool:
    with_nan = left.dtype.kind in 'fc' and right.dtype.kind in 'fc'
    return bool(np.array_equal(left, right, equal_nan=with_nan))
