"""The rows that a query gave, in memory: columns in Arrow, Python values only where they are looked at.

A column is decoded when it is first used, as a whole, and kept. Images are opened each time they are asked for, so that a
result never holds more pixels than its user does.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable._support.optional import require
from pixeltable.api.cells import all_presented, column_presented, displayed, presented, same, with_urls
from pixeltable.api.matrices import to_numpy
from pixeltable.api.render import html
from pixeltable.api.render.grid import MAX_ROWS, grid
from pixeltable.api.row_names import name_in, row_type
from pixeltable.errors import ErrorCode, RequestError, did_you_mean
from pixeltable.io.rows import StoredRows
from pixeltable.media.library import Library
from pixeltable.types import buffers
from pixeltable.types.arrow import decode
from pixeltable.types.column_type import ColumnType

if TYPE_CHECKING:
    from pydantic import BaseModel

Model = TypeVar('Model', bound='BaseModel')
Row = dict[str, Any]


class ResultSet:
    """An immutable sequence of rows, each a dict from column names to values.

    `rs[0]` is a row, `rs['title']` a column as a list, `rs[0, 'title']` or `rs[0, 2]` a cell, `rs[10:20]` ten rows.
    The values in Json cells and arrays belong to the result: copy them before changing them.
    """

    __slots__ = ('_data', '_decoded', '_library', '_types', '_unseen', '_zone')

    def __init__(
        self,
        data: pa.Table,
        types: Mapping[str, ColumnType],
        zone: tzinfo,
        library: Library | None = None,
        unseen: Collection[str] = (),
    ) -> None:
        """`data` has the columns that `types` names, in their storage types; timestamps are shown in `zone`, and media are found
        by `library`, which looks at those in `unseen` first."""
        self._data = data.select(list(types))
        self._types, self._zone = dict(types), zone
        self._library, self._unseen = library, unseen
        self._decoded: dict[str, list[Any]] = {}

    @property
    def schema(self) -> dict[str, str]:
        """The type of each column as text, in order."""
        return {name: str(type_) for name, type_ in self._types.items()}

    def __len__(self) -> int:
        return int(self._data.num_rows)

    @overload
    def __getitem__(self, key: int) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> ResultSet: ...
    @overload
    def __getitem__(self, key: str) -> list[Any]: ...
    @overload
    def __getitem__(self, key: tuple[int, str | int]) -> Any: ...
    def __getitem__(self, key: Any) -> Any:
        """A row, some rows, a column, or a cell.

        Raises:
            IndexError: there is no such row, or no column of that number.
            RequestError: INVALID_COLUMN_NAME for an unknown column, INVALID_ARGUMENT for any other key.
        """
        match key:
            case str():
                return list(self._column(self._name(key)))
            case slice():
                return self._slice(key)
            case (row, str() | int() as column) if hasattr(row, '__index__'):
                name = self._name(column) if isinstance(column, str) else list(self._types)[column]
                return self._cell(name, self._position(row))
            case _ if hasattr(key, '__index__'):
                return self._row(self._position(key))
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'a result is indexed by a row, a column name, or (row, column), not {key!r}.',
        )

    def __iter__(self) -> Iterator[Row]:
        columns = [self._iterated(name) for name in self._types]
        row = row_type(self._types)
        return (row(zip(self._types, values, strict=True)) for values in zip(*columns, strict=True))

    def reversed(self) -> ResultSet:
        """The rows in opposite order."""
        return self[::-1]

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table, as they are stored: Json is text, media are URLs, timestamps are in UTC."""
        return with_urls(self._data, self._types, self._library)

    def to_polars(self) -> Any:
        """The rows as a Polars DataFrame, as they are stored: see `to_arrow`.

        Raises:
            RequestError: INVALID_CONFIGURATION if Polars is not installed.
        """
        return require('polars', 'polars').from_arrow(self.to_arrow())

    def to_numpy(self) -> dict[str, NDArray[Any]]:
        """The columns as NumPy arrays of one item a row: arrays of one shape are stacked, of texts and the like the items are
        objects; NULL is NaN among floats and ints, NaT among timestamps (which are in UTC), else None."""
        columns = self._types.items()
        return {name: to_numpy(self._data.column(name), type_, partial(self._column, name)) for name, type_ in columns}

    def of(self, data: pa.Table, zone: tzinfo | None = None) -> ResultSet:
        """Other rows of the same columns, which may have been read from elsewhere, or are to be shown in another zone."""
        return ResultSet(data, self._types, zone or self._zone, self._library, self._unseen)

    def stored(self) -> StoredRows:
        """The rows as they are stored, to insert them elsewhere."""
        return StoredRows(self._data, self._types)

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame: numbers, text and timestamps in pandas' types, everything else as objects.

        Raises:
            RequestError: INVALID_CONFIGURATION if pandas is not installed.
        """
        from pixeltable.api.frames import to_pandas

        return to_pandas(self._data, self._types, self._zone, self._column)

    def to_pydantic(self, model: type[Model]) -> Iterator[Model]:
        """The rows as instances of a pydantic model. Columns that the model does not know are left out.

        Raises:
            RequestError: INVALID_ARGUMENT if the model requires a field that is not a column; TYPE_MISMATCH at a row
                that does not fit the model.
        """
        from pixeltable.api.pydantic_rows import to_pydantic

        return to_pydantic(iter(self), list(self._types), model)

    def __eq__(self, other: object) -> bool:
        """The same columns (in any order) with the same values, in a result set or in a list of dicts. NaN equals NaN."""
        if isinstance(other, ResultSet):
            return self._equals(other)
        if isinstance(other, Sequence) and all(isinstance(row, Mapping) for row in other):
            return len(self) == len(other) and all(map(same, self, other))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return grid(list(self._types), self._shown(), total=len(self))

    def _repr_html_(self) -> str:
        return html.table(list(self._types), self._shown(), total=len(self))

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Writes all rows as one HTML page, with thumbnails, and players for films and sounds of up to 4 MiB.

        Raises INVALID_ARGUMENT if the file cannot be written.
        """
        html.write(path, list(self._types), self._rows_to_show(self))

    def _equals(self, other: ResultSet) -> bool:
        if self._types.keys() != other._types.keys() or len(self) != len(other):
            return False
        if self._data.equals(other._data):
            return True
        return all(same(self._stored(name), other._stored(name)) for name in self._types)

    def _name(self, name: str) -> str:
        """The column's name as it is spelled in the result; upper and lower case are the same to users."""
        if name in self._types:
            return name
        found = name_in(self._types, name)
        if found is not None:
            return found
        names = list(self._types)
        raise RequestError(
            ErrorCode.INVALID_COLUMN_NAME,
            f'the result has no column {name!r}.{did_you_mean(name, names)} Columns: {", ".join(names)}.',
        )

    def _position(self, row: Any) -> int:
        position = operator.index(row)
        if not -len(self) <= position < len(self):
            raise IndexError(
                f'there is no row {position}: the result has {len(self)} row{"" if len(self) == 1 else "s"}'
            )
        return position % len(self)

    def _slice(self, rows: slice) -> ResultSet:
        start, stop, step = rows.indices(len(self))
        if step == 1:
            return self.of(self._data.slice(start, max(0, stop - start)))
        return self.of(self._data.take(buffers.positions(np.arange(start, stop, step))))

    def _stored(self, name: str) -> list[Any]:
        """The Python values of a column; of media, the references."""
        values = self._decoded.get(name)
        if values is None:
            values = self._decoded[name] = decode(self._data.column(name), self._types[name], self._zone)
        return values

    def _column(self, name: str) -> list[Any]:
        return column_presented(self._stored(name), *self._showing(name))

    def _iterated(self, name: str) -> Iterator[Any]:
        """The values of a column one after another: media are opened when they are asked for."""
        return all_presented(self._stored(name), *self._showing(name))

    def _cell(self, name: str, position: int) -> Any:
        return presented(self._stored(name)[position], *self._showing(name))

    def _showing(self, name: str) -> tuple[ColumnType, Library | None, bool]:
        return self._types[name], self._library, name in self._unseen

    def _row(self, position: int) -> Row:
        return row_type(self._types)((name, self._cell(name, position)) for name in self._types)

    def _shown(self) -> list[tuple[Any, ...]]:
        """The rows to print. Only these are decoded, and no media file is opened for them."""
        return self._rows_to_show(self[:MAX_ROWS])

    def _rows_to_show(self, rows: ResultSet) -> list[tuple[Any, ...]]:
        columns = (
            map(partial(displayed, type_=type_, library=self._library), rows._stored(name))
            for name, type_ in self._types.items()
        )
        return list(zip(*columns, strict=True))
