"""The functions that make, find, move and drop tables."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Mapping
from typing import Any

from pixeltable.api.altering import IF_EXISTS, IF_NOT_EXISTS, check_computed
from pixeltable.api.columnspecs import ColumnSpecs
from pixeltable.api.default import say, session
from pixeltable.api.names import check_choice, normal_path, split_version
from pixeltable.api.table import Table
from pixeltable.catalog.changes import Change, Commit, CreateTable, DropTable
from pixeltable.catalog.records import ColumnRecord, TableRecord
from pixeltable.errors import AlreadyExistsError, ErrorCode, NotFoundError, RequestError, did_you_mean
from pixeltable.exprs.display import display
from pixeltable.exprs.visit import column_refs
from pixeltable.io.sources import schema_of
from pixeltable.session import Session


def create_table(
    path: str,
    schema: Mapping[str, Any] | None = None,
    *,
    source: Any = None,
    schema_overrides: Mapping[str, Any] | None = None,
    primary_key: str | list[str] | None = None,
    on_error: str = 'ignore',
    comment: str | None = None,
    custom_metadata: Any = None,
    media_validation: str = 'on_write',
    if_exists: str = 'error',
) -> Table:
    """Creates a table, from a schema or from data.

    Args:
        path: where it lies, such as `'docs'` or `'team/docs'`; the directory must exist.
        schema: the columns by name: a type (`pxt.String`, `pxt.Int | None`), an expression (a computed column), or a dict
            with `type` or `value`, `comment`, `primary_key`.
        source: rows to load instead; the schema is inferred from them, with nullable columns.
        schema_overrides: with `source`, types of single columns.
        primary_key: the columns that together are unique in each row; not nullable.
        on_error: what a failing computed cell does while `source` is loaded: `'ignore'` or `'abort'`.
        comment, custom_metadata: kept with the table; the metadata must be JSON-able.
        media_validation: `'on_write'` or `'on_read'`.
        if_exists: `'error'`; `'ignore'` returns the existing table; `'replace'` drops it first.

    Raises:
        RequestError: MISSING_REQUIRED for neither or both of schema and source, INVALID_ARGUMENT, INVALID_TYPE,
            INVALID_COLUMN_NAME, INVALID_PATH.
        AlreadyExistsError: PATH_ALREADY_EXISTS.
        NotFoundError: DIRECTORY_NOT_FOUND for a missing parent, COLUMN_NOT_FOUND for an unknown key column.
    """
    check_choice(if_exists, IF_EXISTS, 'if_exists')
    check_choice(on_error, ('abort', 'ignore'), 'on_error')
    check_choice(media_validation, ('on_write', 'on_read'), 'media_validation')
    _check_metadata(custom_metadata)
    if (schema is None) == (source is None):
        raise RequestError(ErrorCode.MISSING_REQUIRED, 'create_table() takes either a schema or a source.')
    current = session()
    path = normal_path(path)
    existing = _existing(current, path, if_exists)
    if existing is not None and if_exists == 'ignore':
        return existing
    if schema is None:
        schema, source = schema_of(source, dict(schema_overrides or {}), primary_key)
    specs = ColumnSpecs.parse(schema)
    columns = [_column(current, specs, name, index) for index, name in enumerate(schema, 1)]
    record = TableRecord(
        uuid.uuid4().hex,
        path,
        primary_key=_key(primary_key, specs, columns),
        comment=comment or '',
        custom_metadata=custom_metadata,
        media_validation=media_validation,
        next_column_id=len(columns) + 1,
    )
    _create(current, record, columns, existing)
    table = Table(current, record.id, path)
    say(f'Created table {path!r}.')
    if source is not None:
        _load(current, table, source, on_error)
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
    stored = current.engine.resolver.encode(node)
    current.engine.resolver.store_functions(stored)
    return ColumnRecord(
        column_id, name, node.type.with_nullable(True), stored.document, stored.fingerprint, stored.depends_on
    )


def _load(current: Session, table: Table, source: Any, on_error: str) -> None:
    """Inserts the rows that a table is created from; if that fails, there is no table."""
    try:
        table.insert(source, on_error=on_error)
    except BaseException:
        current.catalog.commit(Commit('drop table', (DropTable(table._table_id),)))
        raise


def _create(current: Session, record: TableRecord, columns: list[ColumnRecord], replaced: Table | None) -> None:
    changes: list[Change] = [] if replaced is None else [DropTable(replaced._table_id)]
    changes.append(CreateTable(record, tuple(columns)))
    versions = ((record.id, 'schema', {'added': ', '.join(column.name for column in columns)}),)
    current.catalog.commit(Commit('create table', tuple(changes), (), versions))


def _existing(current: Session, path: str, if_exists: str) -> Table | None:
    """The table at `path`, if there is one and `if_exists` allows it."""
    table_id = current.catalog.table_id(path)
    if table_id is None:
        if if_exists != 'error' and current.catalog.is_directory(path):
            raise AlreadyExistsError(ErrorCode.PATH_ALREADY_EXISTS, f'{path!r} is a directory, and stays one.')
        return None
    if if_exists == 'error':
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS,
            f"a table {path!r} exists already; get it with pxt.get_table({path!r}), or pass if_exists='ignore' or 'replace'.",
        )
    return Table(current, table_id, path)


def _check_metadata(custom_metadata: Any) -> None:
    try:
        json.dumps(custom_metadata)
    except (TypeError, ValueError) as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'custom_metadata must be JSON-able: {error}.') from error


def _key(primary_key: Any, specs: ColumnSpecs, columns: list[ColumnRecord]) -> tuple[int, ...]:
    names = [primary_key] if isinstance(primary_key, str) else primary_key or list(specs.primary_key)
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'primary_key is a column name or a list of them, not {primary_key!r}.'
        )
    by_name = {column.name: column for column in columns}
    for name in names:
        if name not in by_name:
            raise NotFoundError(
                ErrorCode.COLUMN_NOT_FOUND,
                f'primary_key: there is no column {name!r}.{did_you_mean(name, list(by_name))}',
            )
        if by_name[name].type.nullable:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION, f'primary_key: column {name!r} is nullable; declare it without | None.'
            )
    return tuple(by_name[name].id for name in names)


def get_table(path: str, if_not_exists: str = 'error') -> Table | None:
    """The table at `path`; `'docs:3'` is its version 3, which can be read and not written.

    Raises:
        NotFoundError: PATH_NOT_FOUND, also for a version that does not exist. RequestError: INVALID_ARGUMENT for a directory.
    """
    check_choice(if_not_exists, IF_NOT_EXISTS, 'if_not_exists')
    current = session()
    name, version = split_version(path)
    name = normal_path(name)
    table_id = current.catalog.table_id(name)
    if table_id is None:
        if if_not_exists == 'ignore' and not current.catalog.is_directory(name):
            return None
        raise missing(current, name)
    if version is not None:
        current.catalog.version(table_id, version)
    return Table(current, table_id, name, version)


def drop_table(table: str | Table, force: bool = False, if_not_exists: str = 'error') -> None:
    """Drops a table with its versions and snapshots. `force` drops it even if snapshots name it.

    Raises:
        NotFoundError: PATH_NOT_FOUND. RequestError: INVALID_ARGUMENT for a directory, CONSTRAINT_VIOLATION if snapshots need it.
    """
    check_choice(if_not_exists, IF_NOT_EXISTS, 'if_not_exists')
    current = session()
    path = table._path if isinstance(table, Table) else normal_path(table)
    table_id = current.catalog.table_id(path)
    if table_id is None:
        if if_not_exists == 'ignore' and not current.catalog.is_directory(path):
            return
        raise missing(current, path)
    names = [snapshot.name for snapshot in current.catalog.snapshots(table_id)]
    if names and not force:
        raise RequestError(
            ErrorCode.CONSTRAINT_VIOLATION,
            f'table {path!r} has snapshots ({", ".join(names)}), which would be lost; pass force=True to drop it all.',
        )
    current.catalog.commit(Commit('drop table', (DropTable(table_id),)))
    say(f'Dropped table {path!r}.')


def list_tables(dir_path: str = '', recursive: bool = True) -> list[str]:
    """The full paths of the tables in a directory, sorted.

    Raises:
        NotFoundError: PATH_NOT_FOUND. RequestError: INVALID_ARGUMENT for a table.
    """
    return _listed(dir_path, recursive, 'table')


def list_dirs(path: str = '', recursive: bool = True) -> list[str]:
    """The full paths of the directories in a directory, sorted. Raises like `list_tables`."""
    return _listed(path, recursive, 'directory')


def _listed(path: str, recursive: bool, kind: str) -> list[str]:
    current = session()
    path = normal_path(path, root=True)
    if path and not current.catalog.is_directory(path):
        raise missing(current, path, wanted='directory')
    return [found for found, what in current.catalog.list_paths(path, recursive) if what == kind]


def missing(current: Session, path: str, wanted: str = 'table') -> NotFoundError | RequestError:
    """The error for a path that is not what was asked for."""
    catalog = current.catalog
    found = 'directory' if catalog.is_directory(path) else 'table' if catalog.table_id(path) is not None else None
    if found is not None:
        return RequestError(ErrorCode.INVALID_ARGUMENT, f'{path!r} is a {found}, not a {wanted}.')
    names = [name for name, kind in catalog.list_paths() if kind == wanted]
    return NotFoundError(
        ErrorCode.PATH_NOT_FOUND,
        f'there is no {wanted} {path!r}.{did_you_mean(path, names)} See pxt.list_{"tables" if wanted == "table" else "dirs"}().',
    )
