"""Tables as users hold them. A handle knows only which table it means; everything else is read from the catalog when needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pixeltable.functions  # noqa: F401  the methods of expressions, such as t.title.upper(), are declared there
from pixeltable.api.columns import ColumnExpr
from pixeltable.api.computing import Computing
from pixeltable.api.deriving import Deriving
from pixeltable.api.describing import Describing
from pixeltable.api.functions import table_function
from pixeltable.api.handle import Handle, unknown_column
from pixeltable.api.indexing import Indexing
from pixeltable.api.maintenance import Maintaining
from pixeltable.api.open_data import OpenData
from pixeltable.api.planning import Planning
from pixeltable.api.query import Query
from pixeltable.api.staleness import Staleness
from pixeltable.api.upserting import Upserting
from pixeltable.api.versions import Versions
from pixeltable.errors import Error, ErrorCode, MissingAttributeError
from pixeltable.plan.query import QuerySpec, TableSource
from pixeltable.types.column_type import Kind
from pixeltable.udf.expr_udf import ExprFunction


class Table(Upserting, Planning, Staleness, Computing, Indexing, Versions, Maintaining, Deriving, Describing, OpenData):
    """A table: its columns are attributes (`t.title`, `t['title']`), and expressions over them make queries and columns.

    A handle of one version (`pxt.get_table('t:3')`) can be read and not written.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> ColumnExpr:
        if name.startswith('_'):
            raise AttributeError(name)
        return self._column(name, is_attribute=True)

    def __dir__(self) -> list[str]:
        try:
            return [*super().__dir__(), *self.columns()]
        except Error:  # it was dropped
            return list(super().__dir__())

    def __getitem__(self, name: str) -> ColumnExpr:
        """The column `name`. Unless columns have these names, `id` is the row's id, and with a single inserted Video column
        `frame` and `audio` are its pictures and its sound.
        """
        if not isinstance(name, str):
            raise MissingAttributeError(
                ErrorCode.COLUMN_NOT_FOUND,
                f't[{name!r}]: a column is named by a string; for rows use t.where(...), t.head() or t.collect()[0].',
            )
        return self._column(name)

    def _column(self, name: str, is_attribute: bool = False) -> ColumnExpr:
        schema = self._schema()
        column = schema.find(name)
        if column is not None:
            return ColumnExpr(self, self._column_node(schema, column))
        if name == 'id':
            return ColumnExpr(self, self._row_id_node())
        films = [each for each in schema.visible if each.type.kind is Kind.VIDEO and not each.is_computed]
        if name in ('frame', 'audio') and len(films) == 1:
            found: ColumnExpr = getattr(self._column(films[0].name), name)
            return found
        methods = [each for each in dir(type(self)) if is_attribute and not each.startswith('_')]
        raise MissingAttributeError(ErrorCode.COLUMN_NOT_FOUND, unknown_column(schema, name, methods))

    def columns(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self._schema().visible]

    def _query(self) -> Query:
        source = TableSource(self._table_id, self._path, self._version)
        return Query(self._session, QuerySpec(source), self)

    def __pxt_udf__(self, return_value: Any, description: str | None) -> ExprFunction:
        return table_function(self, return_value, description)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and (self._table_id, self._version) == (other._table_id, other._version)

    def __hash__(self) -> int:
        return hash((self._table_id, self._version))

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in Handle.__slots__:
            raise MissingAttributeError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'a column cannot be assigned to (t.{name} = …): use t.update() for values, '
                f't.add_computed_column({name}=…) for a new column.',
            )
        object.__setattr__(self, name, value)

    def __iter__(self) -> Any:
        raise TypeError('a table cannot be iterated: use t.collect(), t.head(), or t.where(...).')

    def __len__(self) -> int:
        raise TypeError('a table has no len(): use t.count().')

    def __bool__(self) -> bool:
        return True


class _GivesWay:
    """A verb whose name a column may have: of a table with such a column, `t.usage` is the column, and `pxt.Table.usage(t)` calls
    the verb."""

    def __init__(self, verb: Callable[..., Any]) -> None:
        self._verb = verb

    def __get__(self, table: Table | None, owner: type[Table]) -> Any:
        name = self._verb.__name__
        if table is not None and table._schema().find(name) is not None:
            return table._column(name)
        return self._verb.__get__(table, owner)


GIVING_WAY = frozenset(
    [
        'accept_stale',
        'at',
        'changes',
        'collect_async',
        'diff',
        'duckdb_sql',
        'errors',
        'explain',
        'having',
        'insert_async',
        'last_profile',
        'optimize',
        'plan',
        'purge',
        'set_retention',
        'stale',
        'stream',
        'subquery',
        'to_arrow',
        'to_numpy',
        'to_pandas',
        'to_polars',
        'union',
        'upsert',
        'usage',
        'vacuum',
    ]
)
"""Verbs that are not for everybody, and whose names programs have for columns."""
for _name in GIVING_WAY:
    setattr(Table, _name, _GivesWay(getattr(Table, _name)))

RESERVED = frozenset(name for name in dir(Table) if not name.startswith('_')) - GIVING_WAY
"""Names that no column may have, because they are methods."""
