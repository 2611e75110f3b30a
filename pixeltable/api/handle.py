"""What a table handle is made of: which table it means, and how its verbs get at schema, rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pixeltable.api.names import check_choice
from pixeltable.api.reading import Readable
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import ErrorCode, NotFoundError, RequestError, did_you_mean
from pixeltable.exec.query_columns import column_ref, row_id_ref
from pixeltable.exec.source import Source
from pixeltable.exprs.nodes import ColumnRef
from pixeltable.plan.query import TableSource
from pixeltable.session import Session

ON_ERROR = ('abort', 'ignore')

_UPKEEP = ('optimize', 'vacuum', 'set_retention')
"""Verbs that change how rows are stored, and no row."""


class Handle(Readable):
    """The table `table_id` of a session, now or, with `version`, as of a past version. Verbs are added by its subclasses."""

    __slots__ = ('_path', '_session', '_table_id', '_version')

    def __init__(self, session: Session, table_id: str, path: str, version: int | None = None) -> None:
        self._session = session
        self._table_id = table_id
        self._path = path
        self._version = version

    def _commit(self) -> int | None:
        """The commit that this handle reads; None for the newest."""
        if self._version is None:
            return None
        return self._session.catalog.version(self._table_id, self._version).commit

    def _schema(self) -> Schema:
        schema: Schema = self._session.catalog.schema(self._table_id, self._commit())
        if self._version is None:
            self._path = schema.table.path  # it may have been moved
        return schema

    def _source(self) -> Source:
        return self._session.engine.source(self._table_id, self._commit())

    def _column_node(self, schema: Schema, column: ColumnRecord) -> ColumnRef:
        return column_ref(schema, column, self._version)

    def _row_id_node(self) -> ColumnRef:
        return row_id_ref(TableSource(self._table_id, self._schema().table.path, self._version))

    def _find(self, schema: Schema, column: Any) -> ColumnRecord:
        """The record of a column given by name or as `t.column`. Raises COLUMN_NOT_FOUND."""
        node = getattr(column, '__pxt_node__', None)
        if isinstance(node, ColumnRef) and node.table_id == schema.table.id:
            found = schema.by_id(node.column_id)
            name = node.name
        else:
            found = schema.find(column) if isinstance(column, str) else None
            name = str(column)
        if found is None:
            raise NotFoundError(ErrorCode.COLUMN_NOT_FOUND, unknown_column(schema, name))
        return found

    def _stored_computed(self, verb: str, schema: Schema, column: Any) -> ColumnRecord:
        """The record of a computed column whose cells are stored. Raises UNSUPPORTED_OPERATION for any other."""
        record = self._find(schema, column)
        if not record.is_computed or not record.stored:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{verb}(): {record.name!r} is no stored computed column of {self._path!r}.',
            )
        return record

    def _aborts(self, on_error: str | None, schema: Schema) -> bool | None:
        """Whether a failing cell stops an operation: as the call says, else the table, else the settings.

        None if nobody has said: then it goes on, unless everything fails. Raises INVALID_ARGUMENT for another word.
        """
        if on_error is not None:
            check_choice(on_error, ON_ERROR, 'on_error')
            return on_error == 'abort'
        if schema.table.on_error is not None:
            return schema.table.on_error == 'abort'
        return True if self._session.settings.on_error == 'abort' else None

    def _bases(self, schema: Schema) -> list[str]:
        """The paths of the tables that a view is of."""
        view = schema.table.view
        return [] if view is None else [self._session.catalog.schema(base).table.path for base in view.sources]

    def _versioned(self, verb: str) -> None:
        """Raises UNSUPPORTED_OPERATION for a table that has no past."""
        if not self._session.catalog.schema(self._table_id).table.is_versioned:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{verb}(): {self._path!r} was created with _is_data_versioned=False and keeps no versions.',
            )

    def _writable(self, verb: str) -> Schema:
        """The newest schema. Raises UNSUPPORTED_OPERATION for a handle of a past version or of a snapshot, and for rows given to
        a view."""
        if self._version is not None:
            current = self._session.catalog.schema(self._table_id).table.path  # a snapshot has a path of its own
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{verb}(): {self._path}:{self._version} is a past version and cannot change; '
                f'use pxt.get_table({current!r}), or pxt.restore() to go back to it.',
            )
        schema = self._session.catalog.schema(self._table_id)
        if schema.table.view is None or verb in _UPKEEP:
            return schema
        bases = ' and '.join(repr(path) for path in self._bases(schema))
        if schema.table.kind == 'snapshot':
            what = f'is a snapshot of {bases} and cannot change'
        elif verb in ('insert', 'delete', 'upsert', 'restore', 'purge'):
            what = f'is a view, whose rows follow from those of {bases}: use {verb}() there'
        else:
            return schema
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'{verb}(): {self._path!r} {what}.')


def unknown_column(schema: Schema, name: str, others: Sequence[str] = ()) -> str:
    """What to say of a column that does not exist; `others` are what else may have been meant."""
    names = [column.name for column in schema.visible]
    hint = did_you_mean(name, [*names, *others])
    return f'table {schema.table.path!r} has no column {name!r}.{hint} Columns: {", ".join(names)}.'
