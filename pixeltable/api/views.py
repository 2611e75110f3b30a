"""Creating views: rows of a table, or made from them, that follow every change of it."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from pixeltable.api.altering import IF_EXISTS, check_computed
from pixeltable.api.columnspecs import ColumnSpecs, check_metadata
from pixeltable.api.default import say, session
from pixeltable.api.names import check_choice, check_column_name, normal_path
from pixeltable.api.paths import existing, removal
from pixeltable.api.table import RESERVED, Table
from pixeltable.api.view_parts import ViewParts, conjunction, view_parts
from pixeltable.catalog.records import ColumnRecord, Schema, TableRecord
from pixeltable.catalog.views import BASE_ROW, BASE_ROW_NAME, ViewSpec
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError
from pixeltable.exec.resolve import StoredExpression
from pixeltable.exec.views import creating
from pixeltable.exprs.nodes import Node
from pixeltable.session import Session
from pixeltable.types.column_type import INT


def create_view(
    path: str,
    base: Any,
    *,
    additional_columns: Mapping[str, Any] | None = None,
    is_snapshot: bool = False,
    iterator: Any = None,
    comment: str | None = None,
    custom_metadata: Any = None,
    media_validation: str = 'on_write',
    if_exists: str = 'error',
) -> Table:
    """Creates a view: a table whose rows are those of another one, and that follows every change of it in the same commit.

    Args:
        path: where it lies among tables and directories.
        base: a table or a view, or a query over one with `where`, `select` or both: `t.where(t.score > 1).select(t.title)`.
        additional_columns: columns of the view itself, by name: an expression over the base (a computed column), or a nullable
            type, whose values `update` sets.
        is_snapshot: whether it stays as it is now, whatever becomes of the base; see `create_snapshot`.
        iterator: a call of an iterator, such as `document_splitter(t.doc, 'paragraph')`, that makes any number of rows from each
            row of the base.
        comment, custom_metadata: kept with the view; the metadata must be JSON-able.
        media_validation: `'on_write'` or `'on_read'`.
        if_exists: `'error'`; `'ignore'` returns the existing view; `'replace'` drops it first, `'replace_force'` also what
            depends on it.

    Raises:
        RequestError: TYPE_MISMATCH if `base` is neither table nor query, UNSUPPORTED_OPERATION for a query with other clauses,
            INVALID_ARGUMENT for an additional column that has no value and is not nullable, INVALID_EXPRESSION for one that is
            not over the base, or for an `iterator` that is no call of one; INVALID_PATH.
        AlreadyExistsError: COLUMN_ALREADY_EXISTS for a column that the base has, PATH_ALREADY_EXISTS.
        NotFoundError: DIRECTORY_NOT_FOUND.
    """
    return created(
        'create_view',
        path,
        base,
        additional_columns,
        iterator,
        TableRecord(
            '', '', 'snapshot' if is_snapshot else 'view', (), comment or '', custom_metadata, media_validation
        ),
        if_exists,
    )


def created(
    verb: str,
    path: str,
    base: Any,
    additional_columns: Mapping[str, Any] | None,
    iterator: Any,
    options: TableRecord,
    if_exists: str,
) -> Table:
    """Creates the view or snapshot that `options` describes."""
    check_choice(if_exists, IF_EXISTS, 'if_exists')
    check_choice(options.media_validation, ('on_write', 'on_read'), 'media_validation')
    check_metadata(options.custom_metadata)
    parts = view_parts(base, verb)
    current = session()
    path = normal_path(path)
    found = existing(current, path, if_exists)
    if found is not None and _kind(current, path) != options.kind:
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS,
            f'{path!r} is a {_kind(current, path)}, and no {options.kind}; use another path.',
        )
    if found is not None and if_exists == 'ignore':
        return found
    maker = _Maker(current, parts, dataclasses.replace(options, id=uuid.uuid4().hex, path=path))
    schema = maker.schema(additional_columns, iterator)
    table = Table(current, schema.table.id, path)

    def dropped() -> Any:
        return () if found is None else removal(current, path, force=if_exists == 'replace_force')

    dropped()  # refused before anything is computed
    with current.operation('create view', schema.table.id, path, f'create {options.kind} {path!r}') as engine:
        outcome = creating.create_view(engine, schema, dropped, parts.table._aborts(None, schema))
        engine.context.operation.facts = outcome.facts
    outcome.warn()
    count = outcome.inserted
    say(f'Created {options.kind} {path!r} with {count} row{"" if count == 1 else "s"}.')
    return table


def _kind(current: Session, path: str) -> str:
    table_id = current.catalog.table_id(path)
    return '' if table_id is None else current.catalog.schema(table_id).table.kind


class _Maker:
    """Makes the schema of a view."""

    def __init__(self, current: Session, parts: ViewParts, record: TableRecord) -> None:
        self._resolver = current.engine.resolver
        self._current = current
        self._parts = parts
        self._record = record
        self._base: Schema = parts.table._schema()
        self._columns = [ColumnRecord(BASE_ROW, BASE_ROW_NAME, INT)]

    def schema(self, additional_columns: Mapping[str, Any] | None, iterator: Any) -> Schema:
        if iterator is not None:
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION, f'iterator is a call of an iterator function, not {iterator!r:.80}.'
            )
        view = self._spec()
        self._record = dataclasses.replace(self._record, view=view)
        for name, node in self._parts.computed:
            check_column_name(name, RESERVED)
            self._add_computed(ColumnRecord(0, name, node.type), node)
        if additional_columns:
            self._additional(additional_columns)
        record = dataclasses.replace(self._record, next_column_id=len(self._columns) + 1)
        return Schema(record, tuple(self._columns))

    def _spec(self) -> ViewSpec:
        condition = conjunction(self._parts.predicates)
        predicate = None if condition is None else self._stored(condition).document
        at = version = None
        if self._record.kind == 'snapshot' or self._parts.table._version is not None:
            found = self._version()
            at, version = found
        return ViewSpec(self._base.table.id, predicate, self._parts.sample, None, self._parts.columns, at, version)

    def _version(self) -> tuple[int, int]:
        """The commit and the number of the version of the base that is read."""
        table, catalog = self._parts.table, self._current.catalog
        if table._version is not None:
            return catalog.version(table._table_id, table._version).commit, table._version
        newest = catalog.versions(table._table_id, 1)[0]
        return newest.commit, newest.version

    def _stored(self, node: Node) -> StoredExpression:
        """An expression over the base, whose functions are stored."""
        self._resolver.bind(self._base, node)
        stored = self._resolver.encode_condition(node)
        self._resolver.store_functions(stored)
        return stored

    def _additional(self, columns: Mapping[str, Any]) -> None:
        specs = ColumnSpecs.parse(columns)
        for name in columns:
            if name in specs.computed:
                self._add_computed(ColumnRecord(0, name, specs.computed[name].type), specs.computed[name])
                continue
            record = specs.plain[name]
            if not record.type.nullable:
                raise RequestError(
                    ErrorCode.INVALID_ARGUMENT,
                    f'additional_columns: column {name!r} gets no values when the view is created: declare it as '
                    f'pxt.{record.type} | None, or give an expression.',
                )
            self._add(record)

    def _add_computed(self, record: ColumnRecord, node: Node) -> None:
        check_computed(record.name, node)
        self._resolver.bind(self._base, node)
        schema = Schema(self._record, tuple(self._columns)).over(self._base)
        stored = self._resolver.encode(node, schema)
        self._resolver.store_functions(stored)
        self._add(
            dataclasses.replace(
                record,
                type=node.type.with_nullable(True),
                value=stored.document,
                fingerprint=self._resolver.fingerprint(schema, node),
                depends_on=stored.depends_on,
            )
        )

    def _add(self, record: ColumnRecord) -> None:
        schema = Schema(self._record, tuple(self._columns)).over(self._base)
        taken = schema.find(record.name)
        if taken is not None:
            raise AlreadyExistsError(
                ErrorCode.COLUMN_ALREADY_EXISTS,
                f'{self._record.path!r}: {self._base.table.path!r} has a column {taken.name!r} already; use another name.',
            )
        self._columns.append(dataclasses.replace(record, id=len(self._columns) + 1))
