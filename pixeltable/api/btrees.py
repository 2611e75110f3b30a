"""The verbs of a table for B-tree indexes, and what all indexes share: names, and being dropped.

A B-tree is a declaration only: the statistics and key filters that every segment has do its work, for every column.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from pixeltable.api.indexes import free_index_name, indexes_of, is_indexable
from pixeltable.api.names import check_choice, check_column_name
from pixeltable.api.naming import IF_NOT_EXISTS
from pixeltable.api.redefining import Redefining
from pixeltable.api.searching import Searching
from pixeltable.catalog.records import ColumnRecord
from pixeltable.errors import AlreadyExistsError, ErrorCode, NotFoundError, RequestError
from pixeltable.exec.engine import Engine
from pixeltable.exec.views.dependents import check_not_inherited


class BTrees(Redefining, Searching):
    """add_btree_index, drop_index."""

    __slots__ = ()

    def add_btree_index(self, column: Any, *, idx_name: str | None = None, if_exists: str = 'error') -> None:
        """Declares a B-tree index, for programs that do: filters on any column are as fast without.

        Args:
            column: a name or `t.column`, of a scalar type but Bool, or a media column that is not computed.
            idx_name: the index's name; `idx0`, `idx1`, … by default.
            if_exists: `'ignore'` does nothing if the column has one, or if the name is taken.

        Raises:
            RequestError: TYPE_MISMATCH for a column that cannot have one, INVALID_COLUMN_NAME for a bad name.
            AlreadyExistsError: INDEX_ALREADY_EXISTS. NotFoundError: COLUMN_NOT_FOUND.
        """
        self._writable('add_btree_index')
        check_choice(if_exists, ('error', 'ignore'), 'if_exists')
        if idx_name is not None:
            check_column_name(idx_name, ())

        def attempt(engine: Engine) -> None:
            schema = self._session.catalog.schema(self._table_id)
            record: ColumnRecord = self._find(schema, column)
            check_not_inherited(schema, record, 'add_btree_index')
            if not is_indexable(record.type, record.is_computed):
                raise RequestError(
                    ErrorCode.TYPE_MISMATCH,
                    f'column {record.name!r} is of type {record.type}: a B-tree index needs a scalar column that is not Bool, '
                    'or a media column that is not computed.',
                )
            taken = [index.name for index in indexes_of(schema)]
            if record.btree is not None or idx_name in taken:
                if if_exists == 'ignore':
                    return
                what = (
                    'has a B-tree index'
                    if record.btree is not None
                    else f'cannot have an index {idx_name!r}: it exists'
                )
                raise AlreadyExistsError(
                    ErrorCode.INDEX_ALREADY_EXISTS,
                    f"column {record.name!r} of {self._path!r} {what} already; pass if_exists='ignore'.",
                )
            name = idx_name or free_index_name(taken)
            self._replace_column(engine, schema, dataclasses.replace(record, btree=name), 'indexed', name)

        title = f'adding an index to {self._path!r}'
        self._session.committed('add index', self._table_id, self._path, attempt, title)

    def drop_index(self, *, column: Any = None, idx_name: str | None = None, if_not_exists: str = 'error') -> None:
        """Drops an index of any kind, named by `column` (the indexed one) or by `idx_name`.

        Raises:
            NotFoundError: INDEX_NOT_FOUND. RequestError: MISSING_REQUIRED without either or for both, INVALID_ARGUMENT for a
                column with several indexes.
        """
        self._drop_index('drop_index', column, idx_name, if_not_exists, btrees=True)

    def _drop_index(self, verb: str, column: Any, idx_name: str | None, if_not_exists: str, *, btrees: bool) -> None:
        """`btrees` says that the index may be a B-tree. Any other goes with its column."""
        self._writable(verb)
        check_choice(if_not_exists, IF_NOT_EXISTS, 'if_not_exists')
        if (column is None) == (idx_name is None):
            raise RequestError(ErrorCode.MISSING_REQUIRED, f'{verb}() takes either column or idx_name.')

        def attempt(engine: Engine) -> None:
            schema = self._session.catalog.schema(self._table_id)
            indexed = None if column is None else self._find(schema, column).id
            try:
                index = self._index(schema, indexed, idx_name, btrees=btrees)
            except NotFoundError:
                if if_not_exists == 'ignore':
                    return
                if column is not None:
                    check_not_inherited(schema, self._find(schema, column), 'drop_index')
                raise
            check_not_inherited(schema, index.record, 'drop_index')
            if index.is_btree:
                without = dataclasses.replace(index.record, btree=None)
                self._replace_column(engine, schema, without, 'unindexed', index.name)
            else:
                self._drop(engine, schema, index.record)

        title = f'dropping an index of {self._path!r}'
        self._session.committed('drop index', self._table_id, self._path, attempt, title)
