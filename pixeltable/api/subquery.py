"""The result of a query as a table: it has columns, and the verbs of reading."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, NoReturn

from pixeltable.api.columns import ColumnExpr
from pixeltable.api.query import Query
from pixeltable.api.reading import Readable
from pixeltable.errors import ErrorCode, MissingAttributeError, RequestError, did_you_mean
from pixeltable.exec.prepare import columns_of
from pixeltable.exec.query_columns import is_row_wise
from pixeltable.exprs.bind import ROW_ID
from pixeltable.exprs.nodes import ColumnRef
from pixeltable.plan.query import QuerySpec, SubQuery, Union
from pixeltable.session import Session
from pixeltable.types.column_type import INT


class Subquery(Readable):
    """What `query.subquery()` and `query.union(...)` give. `q.n` or `q['n']` is a column; a column that has the name of a method
    is reached by the second form. If each row is one of a table, `q.id` is its id."""

    __slots__ = ('_session', '_source_item')

    def __init__(self, session: Session, source: SubQuery | Union) -> None:
        self._session = session
        self._source_item = source

    def _query(self) -> Query:
        return Query(self._session, QuerySpec(self._source_item))

    def columns(self) -> list[str]:
        """The names of the columns."""
        return [output.name or '' for output in columns_of(self._session.engine, self._source_item)]

    def __getattr__(self, name: str) -> ColumnExpr:
        if name.startswith('_'):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> ColumnExpr:
        outputs = columns_of(self._session.engine, self._source_item)
        for output in outputs:
            if output.name == name:
                assert isinstance(output.node, ColumnRef)
                return ColumnExpr(self, output.node)
        source = self._source_item
        if name == 'id' and isinstance(source, SubQuery) and is_row_wise(source.query):
            return ColumnExpr(self, ColumnRef(INT, source.key, ROW_ID, 'id', ''))
        names = [output.name or '' for output in outputs]
        raise MissingAttributeError(
            ErrorCode.COLUMN_NOT_FOUND,
            f'the sub-query has no column {name!r}.{did_you_mean(str(name), names)} Columns: {", ".join(names)}.',
        )

    def _similarity(self, column: ColumnRef, *_: Any) -> NoReturn:
        raise _only_of_tables(f'{column.name}.similarity()')

    def recompute_columns(self, *columns: Any, **_: Any) -> NoReturn:
        raise _only_of_tables('recompute_columns()')

    def __repr__(self) -> str:
        return repr(self._query())

    def _repr_html_(self) -> str:
        return self._query()._repr_html_()

    def __iter__(self) -> Any:
        raise TypeError('a sub-query cannot be iterated: use q.collect().')


def _only_of_tables(what: str) -> RequestError:
    return RequestError(
        ErrorCode.UNSUPPORTED_OPERATION, f'{what} is for columns of tables: use it inside the sub-query.'
    )


def subquery(session: Session, spec: QuerySpec) -> Subquery:
    """A new sub-query, whose columns are its own."""
    return Subquery(session, SubQuery(uuid.uuid4().hex, spec))


def union(session: Session, parts: Sequence[Any], *, distinct: bool) -> Subquery:
    """The rows of several tables or queries, with the columns of the first."""
    for part in parts:
        if not isinstance(part, Readable):
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'union() takes tables and queries, not {part!r:.80}.')
    if len(parts) < 2:
        raise RequestError(ErrorCode.MISSING_REQUIRED, 'union() takes at least one other query.')
    source = Union(uuid.uuid4().hex, tuple(part._query()._spec for part in parts), distinct)
    widths = [len(part._query()._outputs()) for part in parts]
    if len(set(widths)) > 1:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'union(): the queries have {", ".join(map(str, widths))} columns; select the same number in each.',
        )
    columns_of(session.engine, source)  # so that types that do not fit are refused here
    return Subquery(session, source)
