"""What creating a view and creating a snapshot with columns of its own have in common: the schema is made, then the rows."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from pixeltable.api.altering import IF_EXISTS
from pixeltable.api.columnspecs import ColumnSpecs, check_notes, check_nullable
from pixeltable.api.computed import check_computed, computed_record
from pixeltable.api.default import say, session
from pixeltable.api.indexes import with_default_indexes
from pixeltable.api.mediaspecs import MEDIA_VALIDATION
from pixeltable.api.names import check_choice, check_column_name, normal_path
from pixeltable.api.paths import derived_first, existing, removal
from pixeltable.api.placing import placed
from pixeltable.api.query_views import QueryViewMaker
from pixeltable.api.table import RESERVED, Table
from pixeltable.api.view_parts import ViewParts, conjunction, view_parts
from pixeltable.catalog.records import ColumnRecord, Schema, TableRecord
from pixeltable.catalog.views import BASE_ROW, BASE_ROW_NAME, ViewSpec
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError
from pixeltable.exec.views import creating
from pixeltable.exprs.nodes import ColumnRef, Node
from pixeltable.exprs.visit import transform
from pixeltable.iterators.function import IteratorCall
from pixeltable.iterators.seeking import seeking
from pixeltable.session import Session
from pixeltable.types.column_type import INT
from pixeltable.udf.function import Function


def created(
    verb: str,
    path: str,
    base: Any,
    additional_columns: Mapping[str, Any] | None,
    iterator: Any,
    options: TableRecord,
    if_exists: str,
) -> Table:
    """Creates the view or snapshot whose kind, comment and metadata `options` has."""
    check_choice(if_exists, IF_EXISTS, 'if_exists')
    check_choice(options.media_validation, MEDIA_VALIDATION, 'media_validation')
    check_notes(options.comment, options.custom_metadata)
    parts = view_parts(base, verb, is_snapshot=options.kind == 'snapshot', iterates=iterator is not None)
    current = session()
    path = normal_path(path)
    found = existing(current, path, if_exists, options.kind)
    if found is not None and if_exists == 'ignore':
        _check_base(found, parts)
        return found
    if found is not None:
        _check_stays(current, path, parts)
    record = dataclasses.replace(options, id=uuid.uuid4().hex, path=path)
    if parts.query is not None:
        schema = QueryViewMaker(current, parts.query, record).schema(additional_columns)
    else:
        schema = _Maker(current, parts, record).schema(additional_columns, iterator)
    table = Table(current, schema.table.id, path)

    def dropped() -> Any:
        return () if found is None else removal(current, path, force=if_exists == 'replace_force')

    dropped()  # refused before anything is computed
    with current.operation('create view', schema.table.id, path, f'create {options.kind} {path!r}') as engine:
        outcome = creating.create_view(engine, schema, dropped, table._aborts(None, schema))
        engine.context.operation.facts = outcome.facts
    outcome.warn()
    count = outcome.inserted
    say(f'Created {options.kind} {path!r} with {count} row{"" if count == 1 else "s"}.')
    return table


def _check_base(found: Table, parts: ViewParts) -> None:
    """Raises PATH_ALREADY_EXISTS if the view that is there is of another table."""
    view, wanted = found._schema().table.view, parts.table
    if view is not None and wanted is not None and view.base != wanted._table_id:
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS,
            f'{found._path!r} is a view of another table than {wanted._path!r}; use another path.',
        )


def _check_stays(current: Session, path: str, parts: ViewParts) -> None:
    """Raises UNSUPPORTED_OPERATION if what is to be replaced is what the new view is of."""
    replaced = current.catalog.table_id(path)
    wanted = {each.table_id for each in parts.query.tables} if parts.query is not None else set[str]()
    wanted |= set() if parts.table is None else {parts.table._table_id}
    if replaced is not None and wanted & set(derived_first(current, replaced)):
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'{path!r} cannot be replaced by a view of itself, which would go with it; use another path.',
        )


class _Maker:
    """Makes the schema of a view."""

    def __init__(self, current: Session, parts: ViewParts, record: TableRecord) -> None:
        self._resolver = current.engine.resolver
        self._current = current
        self._parts = parts
        self._record = record
        assert parts.table is not None
        self._table = parts.table
        self._base: Schema = parts.table._schema()
        self._columns = [ColumnRecord(BASE_ROW, BASE_ROW_NAME, INT)]

    def schema(self, additional_columns: Mapping[str, Any] | None, iterator: Any) -> Schema:
        view = self._spec(iterator)
        self._record = dataclasses.replace(self._record, view=view)
        if self._parts.selected is not None:
            shown = tuple(map(self._selected, self._parts.selected))
            self._record = dataclasses.replace(self._record, view=dataclasses.replace(view, columns=shown))
        if additional_columns:
            self._additional(additional_columns)
        record = dataclasses.replace(self._record, next_column_id=len(self._columns) + 1)
        hidden, *columns = self._columns
        return Schema(
            record, (hidden, *with_default_indexes(Schema(record, ()), placed(self._current, record, columns)))
        )

    def _spec(self, iterator: Any) -> ViewSpec:
        condition = conjunction(self._parts.predicates)
        predicate = None if condition is None else self._stored(self._resolver.for_others(condition))
        at = version = None
        columns = None if self._parts.selected is None else ()
        if self._record.kind == 'snapshot' or self._table._version is not None:
            found = self._version()
            at, version = found
        return ViewSpec(
            self._base.table.id,
            predicate,
            self._parts.sample,
            self._iterated(iterator),
            columns,
            at,
            version,
        )

    def _selected(self, column: int | tuple[str, Node]) -> int:
        """A column that `select` named, as the view's record does; what is computed is added to the view."""
        if isinstance(column, int):
            return column
        name, node = column
        check_column_name(name, RESERVED)
        self._add_computed(ColumnRecord(0, name, node.type), node)
        return -self._columns[-1].id

    def _iterated(self, iterator: Any) -> dict[str, Any] | None:
        """The stored form of the iterator, whose columns come first."""
        if iterator is None:
            return None
        if not isinstance(iterator, IteratorCall):
            name = f'the function {iterator.name}' if isinstance(iterator, Function) else f'{iterator!r:.80}'
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION,
                f'iterator is a call of an iterator function, such as frame_iterator(t.video), not {name}.',
            )
        document = self._stored(transform(iterator.node, self._resolver.in_zone))
        columns = [ColumnRecord(2, 'pos', INT)]
        for name, type_ in iterator.outputs.items():
            check_column_name(name, RESERVED)
            columns.append(ColumnRecord(len(columns) + 2, name, type_, stored=name not in iterator.unstored))
        kept = {column.name: self._own(column) for column in columns if column.stored}
        schema = Schema(self._record, (*self._columns, *columns)).over(self._base)
        for column in columns:
            if not column.stored:
                node = seeking(iterator.node, iterator.unstored[column.name], column.type, kept)
                column = computed_record(self._resolver, schema, column, node)
            self._columns.append(column)
        zone = str(self._current.settings.time_zone)
        return {
            'call': document,
            'columns': [column.id for column in columns],
            'names': [column.name for column in columns],
            'zone': zone,
        }

    def _own(self, column: ColumnRecord) -> ColumnRef:
        return ColumnRef(column.type, self._record.id, column.id, column.name, self._record.path)

    def _version(self) -> tuple[int, int]:
        """The commit and the number of the version of the base that is read."""
        table, catalog = self._table, self._current.catalog
        if table._version is not None:
            return catalog.version(table._table_id, table._version).commit, table._version
        newest = catalog.versions(table._table_id, 1)[0]
        return newest.commit, newest.version

    def _stored(self, node: Node) -> dict[str, Any]:
        """The document of an expression over the base, whose functions are stored."""
        self._resolver.bind(self._base, node)
        stored = self._resolver.encode(node)
        self._resolver.store_functions(stored)
        return stored.document

    def _additional(self, columns: Mapping[str, Any]) -> None:
        specs = ColumnSpecs.parse(columns)
        for name in columns:
            if name in specs.computed:
                record = specs.options.get(name) or ColumnRecord(0, name, specs.computed[name].type)
                self._add_computed(record, specs.computed[name])
                continue
            record = specs.plain[name]
            check_nullable(record)
            self._add(record)

    def _add_computed(self, record: ColumnRecord, node: Node) -> None:
        check_computed(record.name, node)
        self._resolver.bind(self._base, node)
        schema = Schema(self._record, tuple(self._columns)).over(self._base)
        self._add(computed_record(self._resolver, schema, record, node))

    def _add(self, record: ColumnRecord) -> None:
        schema = Schema(self._record, tuple(self._columns)).over(self._base)
        taken = schema.find(record.name)
        if taken is not None:
            whose = 'the view itself' if taken in self._columns else repr(self._base.table.path)
            raise AlreadyExistsError(
                ErrorCode.COLUMN_ALREADY_EXISTS,
                f'{self._record.path!r}: {whose} has a column {taken.name!r} already; use another name.',
            )
        self._columns.append(dataclasses.replace(record, id=len(self._columns) + 1))
