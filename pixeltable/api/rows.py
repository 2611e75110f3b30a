"""Single rows as users hold them: dicts that also know which of their cells failed, and how they look as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, overload

import pyarrow as pa

from pixeltable.api.cells import with_urls
from pixeltable.api.results import ResultSet
from pixeltable.api.row_names import FoldedRow
from pixeltable.media.library import Library
from pixeltable.types.column_type import ColumnType
from pixeltable.types.json_objects import readable
from pixeltable.types.plain import plain

Failed = Mapping[str, Mapping[int, 'CellError']]
"""By column, the cells that failed, by row."""


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a computed cell is None: the name of the exception's class, and its message."""

    errortype: str
    errormsg: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows as they are stored, and their failed cells."""

    data: pa.Table
    types: Mapping[str, ColumnType]
    zone: tzinfo
    failed: Failed
    library: Library | None = None

    def rows(self) -> list[Row]:
        values = ResultSet(self.data, self.types, self.zone, self.library)
        return [Row(row, self, index) for index, row in enumerate(values)]

    def errors(self, index: int) -> dict[str, CellError]:
        """The failed cells of one row."""
        return {name: cells[index] for name, cells in self.failed.items() if index in cells}

    def plain(self) -> list[dict[str, Any]]:
        """The rows as JSON has them: see `types.plain`."""
        data = with_urls(self.data, self.types, self.library)
        columns = [plain(data.column(name), type_, self.zone) for name, type_ in self.types.items()]
        rows = [dict(zip(self.types, values, strict=True)) for values in zip(*columns, strict=True)]
        found: list[dict[str, Any]] = json.loads(json.dumps(rows, default=readable))
        return found

    def slice(self, start: int, rows: int) -> Part:
        failed = {
            name: {row - start: error for row, error in cells.items() if start <= row < start + rows}
            for name, cells in self.failed.items()
        }
        return Part(self.data.slice(start, rows), self.types, self.zone, failed, self.library)


class Row(FoldedRow):
    """The values of one row by column."""

    __slots__ = ('_index', '_part')

    def __init__(self, values: Mapping[str, Any], part: Part, index: int) -> None:
        super().__init__(values)
        self._part = part
        self._index = index

    @property
    def errors(self) -> dict[str, CellError]:
        """The computed cells that failed, by column; their values are None."""
        return self._part.errors(self._index)

    def to_json(self) -> dict[str, Any]:
        """The row as JSON has it: times as ISO 8601 text, arrays as lists, media as URLs, bytes in base64."""
        return self._part.slice(self._index, 1).plain()[0]


class RowBatch(Sequence[Row]):
    """Rows that were computed and not stored. Compares equal to a list of dicts, and prints as a table."""

    __slots__ = ('_part', '_result', '_rows')

    def __init__(
        self,
        data: pa.Table,
        types: Mapping[str, ColumnType],
        zone: tzinfo,
        failed: Failed,
        library: Library | None = None,
    ) -> None:
        self._part = Part(data, types, zone, failed, library)
        self._result = ResultSet(data, types, zone, library)
        self._rows: list[Row] | None = None

    @property
    def schema(self) -> dict[str, str]:
        """The type of each column as text, in order."""
        return self._result.schema

    @property
    def column_names(self) -> list[str]:
        """The columns, in order."""
        return list(self._part.types)

    def __len__(self) -> int:
        return len(self._result)

    @overload
    def __getitem__(self, key: int) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> list[Row]: ...
    def __getitem__(self, key: int | slice) -> Row | list[Row]:
        return self._all()[key]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return self._result == (other._result if isinstance(other, RowBatch) else other)

    __hash__ = None  # type: ignore[assignment]

    def to_json(self) -> list[dict[str, Any]]:
        """The rows as a JSON list: see `Row.to_json`."""
        return self._part.plain()

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table, as they would be stored."""
        return self._result.to_arrow()

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame."""
        return self._result.to_pandas()

    def __repr__(self) -> str:
        return '\n'.join([repr(self._result), *self._failures()])

    def _repr_html_(self) -> str:
        from pixeltable.api.render.html import escape

        return self._result._repr_html_() + ''.join(f'<div>{escape(line)}</div>' for line in self._failures())

    def _failures(self) -> list[str]:
        """A line for each column in which cells failed."""
        lines = []
        for name, cells in self._part.failed.items():
            if cells:
                error = cells[min(cells)]
                plural = '' if len(cells) == 1 else 's'
                lines.append(f'{name}: {len(cells)} error{plural}, such as {error.errortype}: {error.errormsg}')
        return lines

    def _all(self) -> list[Row]:
        if self._rows is None:
            self._rows = self._part.rows()
        return self._rows
