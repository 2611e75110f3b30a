"""Creating tables, from a schema or from data."""

from __future__ import annotations

import dataclasses
import os
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pixeltable._support.urls import without_secrets
from pixeltable.api.altering import IF_EXISTS
from pixeltable.api.columnspecs import ColumnSpecs, check_notes
from pixeltable.api.computed import check_computed
from pixeltable.api.default import say, session
from pixeltable.api.handle import ON_ERROR
from pixeltable.api.indexes import with_default_indexes
from pixeltable.api.mediaspecs import MEDIA_VALIDATION
from pixeltable.api.names import check_choice, normal_path
from pixeltable.api.paths import existing, removal
from pixeltable.api.placing import placed
from pixeltable.api.reading import Readable
from pixeltable.api.status import UpdateStatus
from pixeltable.api.table import RESERVED, Table
from pixeltable.catalog.changes import Change
from pixeltable.catalog.records import ColumnRecord, Schema, TableRecord
from pixeltable.catalog.retention import Retention
from pixeltable.config.data_root import data_root
from pixeltable.errors import ErrorCode, NotFoundError, RequestError, did_you_mean
from pixeltable.exec.changes.insert import create_filled
from pixeltable.exprs.display import display
from pixeltable.exprs.visit import column_refs
from pixeltable.io.rows import tables_of
from pixeltable.io.sources import Inferred, overrides_of, read_source, schema_of
from pixeltable.session import Session


def create_table(
    path: str,
    schema: Mapping[str, Any] | None = None,
    *,
    source: Any = None,
    source_format: str | None = None,
    schema_overrides: Mapping[str, Any] | None = None,
    has_default_idxs: bool = False,
    primary_key: str | list[str] | None = None,
    on_error: str | None = None,
    comment: str | None = None,
    custom_metadata: Any = None,
    media_validation: str = 'on_write',
    pin: bool = False,
    data: str | os.PathLike[str] | None = None,
    if_exists: str = 'error',
    extra_args: Mapping[str, Any] | None = None,
    _is_data_versioned: bool = True,
) -> Table:
    """Creates a table, from a schema or from data.

    Args:
        path: where it lies, such as `'docs'` or `'team/docs'`; the directory must exist.
        schema: the columns by name: a type (`pxt.String`, `pxt.Int | None`), an expression (a computed column), or a dict
            with `type` or `value`, `comment`, `primary_key`.
        source: rows to load instead: whatever `Table.insert` takes. The schema is inferred from them, with nullable columns.
            Names that no column can have are changed, as from `Unit Price` to `unit_price`.
        source_format: `'csv'`, `'excel'`, `'json'` or `'parquet'`, for a file whose name does not say it.
        schema_overrides: with `source`, types of single columns.
        has_default_idxs: whether each column that can have a B-tree index gets one; see `Table.add_btree_index`.
        primary_key: the columns that together are unique in each row; not nullable.
        on_error: what a failing computed cell does while `source` is loaded, and in all later operations that do not say it
            themselves: `'ignore'` or `'abort'`. By default what the setting `on_error` says.
        comment, custom_metadata: kept with the table; the metadata must be JSON-able.
        media_validation: `'on_write'` or `'on_read'`.
        pin: whether media that are referenced are copied to the store, so that they survive changes of their files; a column may
            say otherwise.
        data: where its files lie if not with those of other tables: a folder, or a URL such as `'s3://bucket/prefix'`.
        if_exists: `'error'`; `'ignore'` returns the existing table; `'replace'` drops it first.
        extra_args: with `source`, arguments for what reads it: `pandas.read_csv`, `pandas.read_excel`, `json.loads`,
            `pyarrow.dataset.dataset`; for a dataset of Hugging Face `column_name_for_split`.

    Raises:
        RequestError: MISSING_REQUIRED for neither or both of schema and source, INVALID_ARGUMENT, INVALID_TYPE,
            INVALID_COLUMN_NAME, INVALID_PATH; INVALID_CONFIGURATION for a bucket that does not exist, and for a
            root that belongs to another catalog.
        AlreadyExistsError: PATH_ALREADY_EXISTS.
        NotFoundError: DIRECTORY_NOT_FOUND for a missing parent, COLUMN_NOT_FOUND for an unknown key column.
        AuthorizationError, ServiceUnavailableError: for a bucket that refuses or does not answer.
    """
    check_choice(if_exists, IF_EXISTS, 'if_exists')
    if on_error is not None:
        check_choice(on_error, ON_ERROR, 'on_error')
    check_choice(media_validation, MEDIA_VALIDATION, 'media_validation')
    if not isinstance(pin, bool):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'pin is True or False, not {pin!r}.')
    check_notes(comment, custom_metadata)
    own_root = _own_root(data)
    if (schema is None) == (source is None):
        raise RequestError(ErrorCode.MISSING_REQUIRED, 'create_table() takes either a schema or a source.')
    current = session()
    path = normal_path(path)
    found = existing(current, path, if_exists, 'table')
    if found is not None and if_exists == 'ignore':
        return found
    if schema is None:
        inferred = _inferred(source, source_format, extra_args, overrides_of(schema_overrides), _key_names(primary_key))
        schema, source, primary_key = inferred.schema, inferred.rows, inferred.primary_key
    specs = ColumnSpecs.parse(schema)
    columns = [_column(current, specs, name, index) for index, name in enumerate(schema, 1)]
    record = TableRecord(
        uuid.uuid4().hex,
        path,
        primary_key=_key(primary_key, specs, columns),
        comment=comment or '',
        custom_metadata=custom_metadata,
        media_validation=media_validation,
        pin=pin,
        next_column_id=len(columns) + 1,
        data=own_root,
        on_error=on_error,
        has_default_indexes=bool(has_default_idxs),
        is_versioned=_is_data_versioned,
        retention=None if _is_data_versioned else Retention(versions=1),
    )
    _check_root(current, record)
    dropped = () if found is None else removal(current, path, force=if_exists == 'replace_force')
    made = with_default_indexes(Schema(record, ()), placed(current, record, columns))
    return _created(current, Schema(record, tuple(made)), dropped, source)


def _inferred(
    source: Any, source_format: str | None, options: Any, overrides: dict[str, Any], key: list[str]
) -> Inferred:
    """What a source holds. `options` are for what reads it."""
    is_query = isinstance(source, Readable)
    found = source._copied() if is_query else read_source(source, source_format, options, overrides)
    return schema_of(found, overrides, key, RESERVED)


def _created(current: Session, schema: Schema, dropped: Sequence[Change], source: Any) -> Table:
    """Creates a table with the rows of `source`, in one commit that also makes the changes `dropped`."""
    record, path = schema.table, schema.table.path
    rows = () if source is None else tables_of(schema, source, current.settings.time_zone)
    table = Table(current, record.id, path)
    with current.operation('create table', record.id, path, f'create table {path!r}') as engine:
        outcome = create_filled(engine, schema, dropped, rows, table._aborts(None, schema))
        engine.context.operation.facts = outcome.facts
    say(f'Created table {path!r}.')
    if source is not None:
        outcome.warn()
        say(UpdateStatus.of(outcome, path).message)
    return table


def _column(current: Session, specs: ColumnSpecs, name: str, column_id: int) -> ColumnRecord:
    if name in specs.plain:
        return dataclasses.replace(specs.plain[name], id=column_id)
    node = specs.computed[name]
    check_computed(name, node)
    if column_refs(node):
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION,
            f'column {name!r} = {display(node)}: the columns of a table can be used once it exists; '
            f'create it without {name!r}, then call add_computed_column({name}=…).',
        )
    stored = current.engine.resolver.encode(current.engine.resolver.for_others(node))
    current.engine.resolver.store_functions(stored)
    record = specs.options.get(name) or ColumnRecord(0, name, node.type)
    return dataclasses.replace(
        record,
        id=column_id,
        type=node.type.with_nullable(True),
        value=stored.document,
        fingerprint=stored.fingerprint,
        depends_on=stored.depends_on,
    )


def _own_root(data: Any) -> str | None:
    try:
        return None if data is None else data_root(data)
    except (TypeError, ValueError) as error:
        shown = without_secrets(data) if isinstance(data, str) else data
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'data={shown!r} is no folder or URL where the files of a table could lie: {error}. Rows are given as source.',
        ) from error


def _check_root(current: Session, record: TableRecord) -> None:
    """Fails now, and not when rows are there."""
    if record.data is None:
        next(current.objects.list(record.folder), None)
    else:
        current.objects.claim(record.folder)


def _key_names(primary_key: Any) -> list[str]:
    names = [primary_key] if isinstance(primary_key, str) else primary_key or []
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'primary_key is a column name or a list of them, not {primary_key!r}.'
        )
    return list(names)


def _key(primary_key: Any, specs: ColumnSpecs, columns: list[ColumnRecord]) -> tuple[int, ...]:
    names = _key_names(primary_key) or list(specs.primary_key)
    by_name = {column.name.lower(): column for column in columns}
    key = []
    for name in names:
        column = by_name.get(name.lower())
        if column is None:
            raise NotFoundError(
                ErrorCode.COLUMN_NOT_FOUND,
                f'primary_key: there is no column {name!r}.{did_you_mean(name, [each.name for each in columns])}',
            )
        if column.id in key:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'primary_key names column {name!r} twice: {primary_key!r}.')
        if (specs.computed.get(column.name) or column).type.nullable:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION, f'primary_key: column {name!r} is nullable; declare it without | None.'
            )
        key.append(column.id)
    return tuple(key)
