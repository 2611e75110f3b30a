"""The rows of a query one after another, in the memory of a few batches however many they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from pixeltable.api.rows import CellError, Part, Row
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.prepare import Prepared
from pixeltable.exec.query_columns import has_no_groups
from pixeltable.exprs import build
from pixeltable.exprs.nodes import ColumnRef
from pixeltable.plan.query import Output

if TYPE_CHECKING:
    from pixeltable.api.query import Query

CHUNK_ROWS = 1000
"""So many rows are decoded at once: a row as a dict takes several times the memory that it takes in Arrow."""


class ResultCursor:
    """Iterates over the rows of a query once. Use it in a `with` block, or close it, unless it is read to the end."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._chunks: Iterator[list[Row]] | None = None
        self._ready: list[Row] = []  # in reverse
        self._is_closed = False

    @property
    def schema(self) -> dict[str, str]:
        """The type of each column as text, in order."""
        return {name: str(type_) for name, type_ in self._query.schema.items()}

    def open(self) -> Self:
        """Starts the query, which sees the table as it is now. The first row does it otherwise.

        Raises:
            RequestError: INVALID_STATE for a cursor that was opened or closed already, and whatever the query raises.
        """
        if self._chunks is not None or self._is_closed:
            raise _used_up()
        self._query._begun(self._begin)
        return self

    def _begin(self, prepared: Prepared) -> None:
        self._chunks = _chunks(self._query, prepared)
        self._fetch()

    def close(self) -> None:
        """Ends the query, if it is under way."""
        self._is_closed = True
        self._ready = []
        chunks, self._chunks = self._chunks, None
        if chunks is not None:
            chunks.close()  # type: ignore[attr-defined]  # it is a generator

    def __iter__(self) -> Self:
        """The cursor itself. Raises INVALID_STATE if it was read to the end, or closed."""
        if self._is_closed and not self._ready:
            raise _used_up()
        return self

    def __next__(self) -> Row:
        if not self._ready:
            self._more()
        if not self._ready:
            raise StopIteration
        return self._ready.pop()

    def take(self) -> list[Row]:
        """The next rows that are at hand, some hundreds; none at the end."""
        if not self._ready:
            self._more()
        rows, self._ready = self._ready[::-1], []
        return rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _more(self) -> None:
        if self._is_closed:
            return
        if self._chunks is None:
            self.open()
        else:
            self._fetch()

    def _fetch(self) -> None:
        assert self._chunks is not None
        self._ready = next(self._chunks, [])[::-1]
        if not self._ready:
            self.close()


def _used_up() -> RequestError:
    return RequestError(ErrorCode.INVALID_STATE, 'a cursor is opened and read once; query.cursor() makes another one.')


def _chunks(query: Query, prepared: Prepared) -> Iterator[list[Row]]:
    """The rows as `prepared` has them, CHUNK_ROWS at most at once."""
    zone, library = query._session.settings.time_zone, query._session.engine.context.services.library
    names, asked = _with_errors(query, prepared)
    shown = {name: type_ for name, type_ in asked.types.items() if name not in names.values()}
    for table in query._tables(asked, 'cursor'):
        for start in range(0, table.num_rows, CHUNK_ROWS):
            data = table.slice(start, CHUNK_ROWS)
            yield Part(data, shown, zone, _failed(data, names), library).rows()


def _with_errors(query: Query, prepared: Prepared) -> tuple[dict[tuple[str, str], str], Prepared]:
    """`query` with the errors of the stored computed columns that it selects, and the names of what was added."""
    spec = query._spec
    names: dict[tuple[str, str], str] = {}
    if not has_no_groups(spec):
        return names, prepared
    computed = {
        (table.schema.table.id, column.id)
        for table in prepared.tables
        for column in table.schema.computed
        if column.stored
    }
    added = []
    for number, output in enumerate(prepared.outputs):
        node = output.node
        if isinstance(node, ColumnRef) and (node.table_id, node.column_id) in computed:
            for part in ('errortype', 'errormsg'):
                name = names[output.name or '', part] = f'_{part}_{number}'  # no column of a user's begins so
                added.append(Output(name, build.cell_property(node, part)))
    if not added:
        return names, prepared
    return names, query._prepared(dataclasses.replace(spec, outputs=(*prepared.outputs, *added)))


def _failed(data: pa.Table, names: dict[tuple[str, str], str]) -> dict[str, dict[int, CellError]]:
    found: dict[str, dict[int, CellError]] = {}
    for (column, part), name in names.items():
        types = data.column(name)
        if part == 'errortype' and types.null_count < len(types):
            messages: list[Any] = data.column(names[column, 'errormsg']).to_pylist()
            found[column] = {
                row: CellError(kind, messages[row] or '')
                for row, kind in enumerate(types.to_pylist())
                if kind is not None
            }
    return found
