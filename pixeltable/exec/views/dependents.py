"""What views need of the columns of their bases, which can then not be dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pixeltable.catalog.catalog import Catalog
from pixeltable.catalog.changes import Requirement, SchemaIs
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.catalog.views import LEVEL
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.plan.dependencies import reached


def check_renamable(schema: Schema, column: ColumnRecord) -> None:
    """Raises UNSUPPORTED_OPERATION for a column of a view that is its base's, or of which only the name says what its iterator
    gives: views of older releases did not note more."""
    view = schema.table.view
    if view is None or column.id not in view.outputs or (view.iterator is not None and 'names' not in view.iterator):
        check_own(schema, column, 'rename_column')


def check_own(schema: Schema, column: ColumnRecord, verb: str) -> None:
    """Raises UNSUPPORTED_OPERATION for a column of a view that is its base's, or that its iterator or its query fills."""
    check_not_inherited(schema, column, verb)
    view = schema.table.view
    if view is not None and column.id in view.outputs:
        raise _fixed(schema, column, verb, f'the {"iterator" if view.query is None else "query"} of the view fills it')


def check_not_inherited(schema: Schema, column: ColumnRecord, verb: str) -> None:
    """Raises UNSUPPORTED_OPERATION for a column of a view that is its base's."""
    if column.id >= LEVEL and schema.base is not None:
        raise _fixed(schema, column, verb, f'it belongs to {schema.base.table.path!r}: use {verb}() there')


def _fixed(schema: Schema, column: ColumnRecord, verb: str, why: str) -> RequestError:
    return RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'{verb}(): column {column.name!r} of {schema.table.path!r} cannot change: {why}.',
    )


def check_unused(catalog: Catalog, schema: Schema, column: ColumnRecord, change: str) -> list[Requirement]:
    """Raises UNSUPPORTED_OPERATION, naming them, if views need a column that is to be changed; else what must stay so."""
    users = list(dict.fromkeys(_users(catalog, schema, column.id)))
    if users:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'column {column.name!r} of {schema.table.path!r} cannot be {change}: {", ".join(users)} '
            f'{"needs" if len(users) == 1 else "need"} it; drop {"that" if len(users) == 1 else "those"} first.',
        )
    return list(as_they_are(catalog, schema))


def check_unread(catalog: Catalog, schema: Schema, column: ColumnRecord, change: str) -> list[Requirement]:
    """The same, of a column and of those that are computed from it when they are read."""
    read = [each for each in schema.columns if each.id in reached(schema, [column.id])]
    return [requirement for each in read for requirement in check_unused(catalog, schema, each, change)]


def as_they_are(catalog: Catalog, schema: Schema) -> Iterator[Requirement]:
    """That the schemas of all views of a table are as they are now."""
    for view_id in schema.views:
        view = catalog.schema(view_id)
        yield SchemaIs(view_id, view.table.schema_version)
        yield from as_they_are(catalog, view)


def below_as_they_are(schema: Schema) -> Iterator[Requirement]:
    """That the schemas of all tables that a view is over are as they are now."""
    if schema.base is not None:
        yield SchemaIs(schema.base.table.id, schema.base.table.schema_version)
        yield from below_as_they_are(schema.base)


def _users(catalog: Catalog, schema: Schema, column_id: int) -> Iterator[str]:
    for view_id in schema.views:
        view = catalog.schema(view_id)
        spec = view.table.view
        assert spec is not None
        if spec.query is not None:
            if column_id in {schema.local(*ref) for ref in _columns_of(spec.query)}:
                yield f'view {view.table.path!r}'
            continue
        local = column_id + LEVEL
        refs = {view.local(*ref) for ref in _columns_of(spec.expressions)}
        if local in refs or (spec.columns is not None and column_id in spec.columns):
            yield f'view {view.table.path!r}'
        for column in view.columns:
            if local in column.depends_on:
                yield f'column {column.name!r} of view {view.table.path!r}'
        yield from _users(catalog, view, local)


def _columns_of(documents: Any) -> Iterator[tuple[str, int]]:
    """The columns, by table, to which the documents of expressions refer; their functions need not be there."""
    if isinstance(documents, dict):
        if isinstance(documents.get('column'), list) and 'path' in documents:
            table_id, column_id = documents['column']
            yield table_id, column_id
        documents = documents.values()
    elif not isinstance(documents, (list, tuple)):
        return
    for each in documents:
        yield from _columns_of(each)
