"""Makes the schema of a view that holds the result of a query.

The columns that the query fills are the keys that tell rows apart, what is selected, and what else is needed to compute the
view's own columns from. An expression that calls functions is such a column of its own: a call is made once for each row, and
again only when what it reads has changed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pixeltable.api.columnspecs import ColumnSpecs, check_nullable
from pixeltable.api.computed import check_computed, computed_record
from pixeltable.api.indexes import with_default_indexes
from pixeltable.api.names import check_column_name
from pixeltable.api.placing import placed
from pixeltable.api.table import RESERVED
from pixeltable.catalog.media_specs import AS_USUAL, MediaSpec
from pixeltable.catalog.records import ROW_ID, ColumnRecord, Schema, TableRecord
from pixeltable.catalog.views import ViewSpec
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError
from pixeltable.exec.prepare import prepare
from pixeltable.exec.query_columns import has_no_groups
from pixeltable.exec.query_documents import changed_nodes, to_stored
from pixeltable.exec.views.keyed import keyed
from pixeltable.exprs.bind import field_name
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Aggregate, Call, CellProperty, ColumnRef, Node, Similarity
from pixeltable.exprs.visit import transform, walk
from pixeltable.exprs.windows import Fold, Window
from pixeltable.plan.query import Output, QuerySpec
from pixeltable.session import Session


def check_followable(spec: QuerySpec, verb: str, *, is_snapshot: bool) -> None:
    """Raises UNSUPPORTED_OPERATION for a query whose result no view can hold."""
    if not is_snapshot and any(table.version is not None for table in spec.tables):
        why = 'it reads a past version of a table: only a snapshot can do that'
    elif not is_snapshot and spec.sample is not None:
        why = 'of samples, only sample(fraction=…) of the rows of one table can be followed, with where() and select()'
    elif spec.order_by and spec.limit is None:
        why = 'the rows of a view have no order without limit(): put order_by() into queries over the view'
    else:
        return
    raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'{verb}(): no view can be made of this query: {why}.')


class QueryViewMaker:
    """Makes the schema of one view."""

    def __init__(self, current: Session, spec: QuerySpec, record: TableRecord) -> None:
        self._current = current
        self._engine = current.engine
        self._spec, self._key_nodes = keyed(self._engine, spec)
        self._outputs = self._spec.outputs or ()
        self._is_grouped = not has_no_groups(dataclasses.replace(self._spec, distinct=False))
        self._record = record
        self._columns: list[ColumnRecord] = []
        self._filled: dict[Node, tuple[Node, ColumnRecord]] = {}
        self._keys: list[int] = []

    def schema(self, additional_columns: Mapping[str, Any] | None) -> Schema:
        """Raises what is wrong with the query or with the columns."""
        keys = [] if self._spec.distinct else self._key_nodes
        selected = {_plain(output.node) for output in self._outputs}
        for number, key in enumerate(keys, 1):
            if _is_row_id(key) or _plain(key) not in selected:
                self._keys.append(self._fill(f'_key{number}', key).id)
        telling = set(map(_plain, keys))
        for output in self._outputs:
            is_key = self._spec.distinct or _plain(output.node) in telling
            self._add_output(output.name or '', output.node, is_key=is_key)
        if additional_columns:
            self._add_additional(ColumnSpecs.parse(additional_columns))
        tables = tuple(dict.fromkeys(each.table_id for each in self._spec.tables))
        query = {
            'spec': self._document(),
            'columns': [each.id for _, each in self._filled.values()],
            'keys': self._keys,
            'zone': str(self._engine.context.zone),
        }
        at = self._engine.catalog.last_commit() if self._record.kind == 'snapshot' else None
        view = ViewSpec(tables[0], query=query, bases=tables, at=at)
        record = dataclasses.replace(self._record, view=view, next_column_id=len(self._columns) + 1)
        shown = Schema(record, tuple(self._columns)).visible
        made = placed(self._current, record, shown)
        indexed = {column.id: column for column in with_default_indexes(Schema(record, ()), made)}
        return Schema(record, tuple(indexed.get(column.id, column) for column in self._columns))

    def _document(self) -> Any:
        """The query with all columns that it fills as outputs."""
        outputs = tuple(Output(field_name(column.id), node) for node, column in self._filled.values())
        spec = dataclasses.replace(self._spec, outputs=outputs)
        prepare(self._engine, spec)  # raises what is wrong with it
        in_zone = self._engine.resolver.in_zone
        return to_stored(changed_nodes(spec, lambda node: transform(node, in_zone)), self._engine.resolver)

    def _add_output(self, name: str, node: Node, *, is_key: bool) -> None:
        check_column_name(name, RESERVED)
        if _plain(node) in self._filled or not (is_key or self._is_leaf(node) or not _has_calls(node)):
            self._add_computed(ColumnRecord(0, name, node.type), node)
            return
        column = self._fill(name, node)
        if is_key:
            self._keys.append(column.id)

    def _fill(self, name: str, node: Node) -> ColumnRecord:
        """A column that the query fills."""
        type_ = node.type.with_nullable(True)  # which a column of a table may become
        media = MediaSpec(validation='on_read') if type_.is_media else AS_USUAL  # it was checked where it comes from
        column = self._add(ColumnRecord(0, name, type_, media=media))
        self._filled[_plain(node)] = node, column
        return column

    def _add_additional(self, specs: ColumnSpecs) -> None:
        for record in specs.plain.values():
            check_nullable(record)
            self._add(record)
        for name, node in specs.computed.items():
            self._add_computed(specs.options.get(name, ColumnRecord(0, name, node.type)), node)

    def _add_computed(self, record: ColumnRecord, node: Node) -> None:
        """A column that is computed from those that the query fills."""
        lifted = transform(node, lambda found: self._lifted(found, node))
        check_computed(record.name, lifted)
        resolver = self._engine.resolver
        schema = Schema(self._record, tuple(self._columns))
        resolver.bind(schema, lifted)
        self._add(computed_record(resolver, schema, record, lifted))

    def _lifted(self, found: Node, root: Node) -> Node | None:
        """What stands for a part of an expression over the tables, in one over the view."""
        if _plain(found) in self._filled:
            column = self._filled[_plain(found)][1]
        elif self._is_leaf(found):
            column = self._fill(f'_in{len(self._columns) + 1}', found)
        elif isinstance(found, ColumnRef):
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION,
                f'{display(root)}: the rows of the view are groups, or distinct rows, which have no single {found.name!r}: use '
                'what the query selects, or aggregates.',
            )
        else:
            return None
        return ColumnRef(column.type, self._record.id, column.id, column.name, self._record.path)

    def _is_leaf(self, node: Node) -> bool:
        """Whether it is the query that gives the value of an expression, whatever is computed from that."""
        if self._spec.distinct:
            return False
        if self._is_grouped:
            return isinstance(node, Aggregate | Fold)
        return isinstance(node, ColumnRef | CellProperty | Similarity | Window)

    def _add(self, record: ColumnRecord) -> ColumnRecord:
        taken = next((each for each in self._columns if each.name.lower() == record.name.lower()), None)
        if taken is not None:
            raise AlreadyExistsError(
                ErrorCode.COLUMN_ALREADY_EXISTS,
                f'{self._record.path!r}: the query has a column {taken.name!r} already; use another name.',
            )
        column = dataclasses.replace(record, id=len(self._columns) + 1)
        self._columns.append(column)
        return column


def _plain(node: Node) -> Node:
    """Equal for what is the same in every place: a column that an outer join may leave out is nullable in the result."""
    return dataclasses.replace(node, type=node.type.with_nullable(True)) if isinstance(node, ColumnRef) else node


def _is_row_id(node: Node) -> bool:
    return isinstance(node, ColumnRef) and node.column_id == ROW_ID


def _has_calls(node: Node) -> bool:
    return any(isinstance(found, Call) for found in walk(node))
