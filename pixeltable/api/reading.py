"""The reading verbs that tables, columns and queries share. Each builds a `Query`; `collect` and its kin run it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pixeltable.api.results import ResultSet
from pixeltable.api.threads import in_thread
from pixeltable.exec.cancelling import Cancellation
from pixeltable.exprs.expr import Expr
from pixeltable.io.rows import StoredRows

if TYPE_CHECKING:
    from pixeltable.api.cursors import ResultCursor
    from pixeltable.api.query import Query
    from pixeltable.api.rows import Row
    from pixeltable.api.subquery import Subquery


class Readable:
    """Something that rows can be read from."""

    __slots__ = ()

    @abstractmethod
    def _query(self) -> Query:
        """Itself as a query."""

    def select(self, *items: Any, **named: Any) -> Query:
        """The result columns: expressions, constants, lists and dicts. Without arguments: all columns."""
        return self._query().select(*items, **named)

    def where(self, pred: Any) -> Query:
        """Keeps the rows for which `pred` is true. Several calls mean *and*."""
        return self._query().where(pred)

    def join(
        self,
        other: Any,
        on: Any = None,
        how: Literal['inner', 'left', 'right', 'full_outer', 'cross'] = 'inner',
    ) -> Query:
        """The pairs of rows of this and of `other` for which `on` is true. Several calls join several tables.

        Args:
            other: a table, a version of one, or a query; `t.subquery()` to join a table with itself.
            on: a condition such as `t.author_id == u.id`, any expression; or a column, a name or a list of them, for columns that
                are equal by name on both sides. A cross join, of all pairs, has none.
            how: which rows without a partner are kept as well: none (`'inner'`), those of this side (`'left'`), those of
                `other` (`'right'`), or all (`'full_outer'`). The columns of the missing partner are NULL.

        Raises:
            NotFoundError: COLUMN_NOT_FOUND if one side has no column of that name.
            RequestError: UNSUPPORTED_OPERATION without a condition, or if several tables have a column of that name,
                TYPE_MISMATCH for a condition that is no Bool, INVALID_ARGUMENT for anything else.
        """
        return self._query().join(other, on, how)

    def order_by(self, *keys: Any, asc: bool = True, nulls: Literal['first', 'last'] | None = None) -> Query:
        """Sorts by `keys`, which may be any expressions. NULL comes last when ascending, first when descending, unless `nulls`
        says otherwise. Several calls append keys."""
        return self._query().order_by(*keys, asc=asc, nulls=nulls)

    def limit(self, n: int, offset: int | None = None) -> Query:
        """At most `n` rows, after skipping `offset`."""
        return self._query().limit(n, offset)

    def group_by(self, *keys: Any) -> Query:
        """One result row for each combination of `keys`; `select` then takes keys and aggregates."""
        return self._query().group_by(*keys)

    def having(self, predicate: Any) -> Query:
        """Keeps the groups for which `predicate`, over keys and aggregates, is true. Several calls mean *and*."""
        return self._query().having(predicate)

    def sample(
        self,
        n: int | None = None,
        n_per_stratum: int | None = None,
        fraction: float | None = None,
        seed: int | None = None,
        stratify_by: Any = None,
    ) -> Query:
        """Some of the rows, chosen by a hash of row id and seed: the same ones each time.

        Args:
            n: how many rows; with `stratify_by`, each stratum has its share of them.
            n_per_stratum: how many rows of each stratum.
            fraction: which part of the rows, from 0 to 1.
            seed: another seed gives another sample.
            stratify_by: an expression or a list of them: rows with equal values are a stratum.

        Raises:
            RequestError: MISSING_REQUIRED unless exactly one of the three sizes is given, INVALID_ARGUMENT for one out of range,
                TYPE_MISMATCH for no int, UNSUPPORTED_OPERATION without strata for `n_per_stratum`, or together
                with a join, group_by, order_by or limit.
        """
        return self._query().sample(n, n_per_stratum, fraction, seed, stratify_by)

    def union(self, *others: Any, all: bool = False) -> Subquery:
        """The rows of this and of `others`, which have as many columns, with the names of this one's. Equal rows come once, or
        as often as they are there with `all=True`.

        Raises:
            RequestError: TYPE_MISMATCH for columns whose types have nothing in common, INVALID_ARGUMENT for another number.
        """
        return self._query().union(*others, all=all)

    def subquery(self) -> Subquery:
        """The result as a table to query: it has columns, and can be joined. See `Query.subquery`."""
        return self._query().subquery()

    def distinct(self) -> Query:
        """Each different result row once."""
        return self._query().distinct()

    def collect(self) -> ResultSet:
        """Runs the query and returns all rows."""
        return self._query()._run()

    def _copied(self) -> StoredRows:
        """The rows to insert elsewhere. The embeddings of an index come along only where they are selected."""
        query = self._query()
        spec, table = query._spec, query._table
        if table is not None and spec.outputs is None and spec.group_by is None and not (spec.joins or spec.distinct):
            schema = table._schema()
            query = query.select(*(Expr(table._column_node(schema, c)) for c in schema.visible if c.embedding is None))
        return query._run().stored()

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

    def to_pytorch_dataset(self, image_format: str = 'pt') -> Any:
        """All rows as a `torch.utils.data.IterableDataset` of dicts, which the workers of a `DataLoader` share out.

        They are kept in the folder `dataset_cache` of the home, once for equal rows.

        Args:
            image_format: pictures as `'pt'`, float tensors of shape (channels, height, width) in [0, 1]; or as `'np'`, arrays of
                shape (height, width, channels).

        Raises:
            RequestError: INVALID_ARGUMENT; INVALID_CONFIGURATION if torch is not installed.
        """
        return self._query().to_pytorch_dataset(image_format)

    def to_coco_dataset(self) -> Path:
        """Writes the rows as a COCO dataset, pictures and `data.json`, and returns the path of `data.json`.

        The query must have one column, a dict `{'image': …, 'annotations': [{'bbox': [x, y, width, height], 'category': …}, …]}`.

        Raises:
            RequestError: INVALID_ARGUMENT for rows of another shape.
        """
        return self._query().to_coco_dataset()

    def to_arrow(self) -> Any:
        """All rows as an Arrow table."""
        return self.collect().to_arrow()
