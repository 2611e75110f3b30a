"""Tables as users hold them. A handle knows only which table it means; everything else is read from the catalog when needed."""

from __future__ import annotations

from typing import Any

import pixeltable.functions  # noqa: F401  the methods of expressions, such as t.title.upper(), are declared there
from pixeltable.api.altering import Altering
from pixeltable.api.columns import ColumnExpr
from pixeltable.api.describing import Describing
from pixeltable.api.indexing import Indexing
from pixeltable.api.query import Query
from pixeltable.api.reading import Readable
from pixeltable.api.versions import Versions
from pixeltable.api.writing import Writing
from pixeltable.catalog.records import ROW_ID, ColumnRecord, Schema
from pixeltable.errors import ErrorCode, MissingAttributeError, did_you_mean
from pixeltable.exec.source import Source
from pixeltable.exprs.nodes import ColumnRef
from pixeltable.plan.query import QuerySpec
from pixeltable.session import Session
from pixeltable.types.column_type import INT


class Table(Readable, Writing, Altering, Indexing, Versions, Describing):
    """A table: its columns are attributes (`t.title`, `t['title']`), and expressions over them make queries and columns.

    A handle of one version (`pxt.get_table('t:3')`) can be read and not written.
    """

    __slots__ = ('_path', '_session', '_table_id', '_version')

    def __init__(self, session: Session, table_id: str, path: str, version: int | None = None) -> None:
        self._session = session
        self._table_id = table_id
        self._path = path
        self._version = version

    def __getattr__(self, name: str) -> ColumnExpr:
        if name.startswith('_'):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> ColumnExpr:
        """The column `name`; `id` is the row's id unless a column has that name."""
        schema = self._schema()
        column = schema.find(name) if isinstance(name, str) else None
        if column is not None:
            return ColumnExpr(self, self._column_node(schema, column))
        if name == 'id':
            return ColumnExpr(self, self._row_id_node())
        names = [column.name for column in schema.columns]
        raise MissingAttributeError(
            ErrorCode.COLUMN_NOT_FOUND,
            f'table {self._path!r} has no column {name!r}.{did_you_mean(str(name), names)} Columns: {", ".join(names)}.',
        )

    def columns(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self._schema().columns]

    def _query(self) -> Query:
        return Query(self, QuerySpec(self._table_id, self._path, self._version))

    def _commit(self) -> int | None:
        """The commit that this handle reads; None for the newest."""
        if self._version is None:
            return None
        return self._session.catalog.version(self._table_id, self._version).commit

    def _schema(self) -> Schema:
        return self._session.catalog.schema(self._table_id, self._commit())

    def _source(self) -> Source:
        return self._session.engine.source(self._table_id, self._commit())

    def _column_node(self, schema: Schema, column: ColumnRecord) -> ColumnRef:
        type_ = column.type.with_nullable(column.type.nullable or column.is_computed)
        return ColumnRef(type_, self._table_id, column.id, column.name, schema.table.path)

    def _row_id_node(self) -> ColumnRef:
        return ColumnRef(INT, self._table_id, ROW_ID, 'id', self._schema().table.path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and (self._table_id, self._version) == (other._table_id, other._version)

    def __hash__(self) -> int:
        return hash((self._table_id, self._version))

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in Table.__slots__:
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


RESERVED = frozenset(name for name in dir(Table) if not name.startswith('_'))
"""Names that no column may have, because they are methods."""
