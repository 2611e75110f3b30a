"""The reading verbs that tables, columns and queries share. Each builds a `Query`; `collect` and its kin run it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from pixeltable.api.results import ResultSet
from pixeltable.api.threads import in_thread
from pixeltable.exec.cancelling import Cancellation

if TYPE_CHECKING:
    from pixeltable.api.cursors import ResultCursor
    from pixeltable.api.query import Query
    from pixeltable.api.rows import Row


class Readable:
    """Something that rows can be read from."""

    __slots__ = ()

    @abstractmethod
    def _query(self) -> Query:
        """Itself as a query."""

    def select(self, *items: Any, **named: Any) -> Query:
        """The result columns: expressions, constants, lists and dicts. Without arguments: all columns."""
        return self._query().select(*items, **named)

    def where(self, predicate: Any) -> Query:
        """Keeps the rows for which `predicate` is true. Several calls mean *and*."""
        return self._query().where(predicate)

    def order_by(self, *keys: Any, asc: bool = True) -> Query:
        """Sorts by `keys`, which may be any expressions. NULL comes last when ascending. Several calls append keys."""
        return self._query().order_by(*keys, asc=asc)

    def limit(self, n: int, offset: int | None = None) -> Query:
        """At most `n` rows, after skipping `offset`."""
        return self._query().limit(n, offset)

    def group_by(self, *keys: Any) -> Query:
        """One result row for each combination of `keys`; `select` then takes keys and aggregates."""
        return self._query().group_by(*keys)

    def distinct(self) -> Query:
        """Each different result row once."""
        return self._query().distinct()

    def collect(self) -> ResultSet:
        """Runs the query and returns all rows."""
        return self._query()._run()

    async def collect_async(self) -> ResultSet:
        """`collect` for programs with an event loop: does not block it, and ends when the awaiting task is cancelled."""
        return await in_thread(self.collect)

    def cursor(self) -> ResultCursor:
        """Runs the query row by row, in bounded memory: `with query.cursor() as rows: for row in rows: ...`."""
        from pixeltable.api.cursors import ResultCursor

        return ResultCursor(self._query())

    async def stream(self) -> AsyncIterator[Row]:
        """`cursor` for programs with an event loop: `async for row in query.stream(): ...`."""
        cursor, cancellation = self.cursor(), Cancellation()
        try:
            while rows := await in_thread(cursor.take, cancellation):
                for row in rows:
                    yield row
        finally:
            await in_thread(cursor.close)

    def count(self) -> int:
        """The number of rows."""
        return self._query()._count()

    def head(self, n: int = 10) -> ResultSet:
        """The first `n` rows."""
        return self._query()._head(n)

    def tail(self, n: int = 10) -> ResultSet:
        """The last `n` rows, in order."""
        return self._query()._tail(n)

    def show(self, n: int = 20) -> ResultSet:
        """The first `n` rows, to look at."""
        return self._query()._head(n)

    def explain(self) -> str:
        """The stages that `collect` would run, as text."""
        return self._query()._explain()

    def to_pandas(self) -> Any:
        """All rows as a pandas DataFrame."""
        return self.collect().to_pandas()

    def to_polars(self) -> Any:
        """All rows as a Polars DataFrame."""
        return self.collect().to_polars()

    def to_numpy(self) -> dict[str, Any]:
        """All rows as a NumPy array a column; see `ResultSet.to_numpy`."""
        return self.collect().to_numpy()

    def to_arrow(self) -> Any:
        """All rows as an Arrow table."""
        return self.collect().to_arrow()
