"""What a view that holds the result of a query is made of, and how that can follow a change of a table that the query reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal as OneOf

import pyarrow as pa

from pixeltable.catalog.records import ROW_ID, ColumnRecord, Schema
from pixeltable.exec.engine import Engine
from pixeltable.exec.prepare import prepare
from pixeltable.exec.query import run
from pixeltable.exec.query_columns import has_no_groups, is_row_wise
from pixeltable.exec.query_documents import changed_nodes, every_node, from_document
from pixeltable.exec.source import Source
from pixeltable.exec.views.shapes import grouping, is_linear, is_of_rows, origins, rows_of
from pixeltable.exprs.bind import field_name, fields
from pixeltable.exprs.nodes import ColumnRef, Node
from pixeltable.exprs.visit import column_refs, has_aggregate, has_window, transform
from pixeltable.plan.query import Output, QuerySpec, TableSource
from pixeltable.types import buffers
from pixeltable.types.arrow import storage_type

Way = OneOf['pairs', 'first', 'groups', 'window', 'whole']
"""How the rows are found that a change of a table reaches:

- `'pairs'`: those that have a changed row of it in them;
- `'first'`: those of the rows of the first table that are joined with a changed row, as others may be left without a partner;
- `'groups'`: those of the groups that a changed row is in, or was in;
- `'window'`: the first rows in an order, which only rows compete for that are in it already, or that changed;
- `'whole'`: all.
"""


@dataclass(frozen=True)
class Recipe:
    """The outputs of `spec` are the `columns` of the view that it fills, named by their fields. `keys` are those of the fields
    that tell rows apart (see `keyed`): the ids of the rows of all tables, or the keys of groups."""

    engine: Engine
    schema: Schema
    spec: QuerySpec
    columns: tuple[ColumnRecord, ...]
    keys: tuple[str, ...]

    @staticmethod
    def of(engine: Engine, schema: Schema) -> Recipe:
        """Raises FUNCTION_NOT_FOUND, or what else is wrong, naming what cannot be evaluated."""
        view = schema.table.view
        assert view is not None
        assert view.query is not None
        spec = from_document(view.query['spec'], engine.resolver, lambda _, path: path)
        columns = [schema.by_id(column_id) for column_id in view.query['columns']]
        keys = tuple(map(field_name, view.query['keys']))
        engine = engine.in_zone(view.query['zone']) if 'zone' in view.query else engine
        return Recipe(engine, schema, spec, tuple(each for each in columns if each is not None), keys)

    @property
    def shown(self) -> QuerySpec:
        """The query with the names that the columns of its tables have now, for people."""
        view = self.schema.table.view
        assert view is not None
        schemas = {base: self.engine.catalog.schema(base, view.at) for base in view.sources}

        def named(node: Node) -> Node | None:
            if not isinstance(node, ColumnRef) or node.table_id not in schemas:
                return None
            column = schemas[node.table_id].by_id(node.column_id)
            return None if column is None else replace(node, name=column.name)

        return changed_nodes(self.spec, lambda node: transform(node, named))

    @cached_property
    def core(self) -> QuerySpec:
        """The query inside it that groups rows, if it only chooses some of these groups; else the query itself."""
        return grouping(self.spec) or self.spec

    @property
    def tables(self) -> tuple[str, ...]:
        """The ids of the tables that are joined, in their order."""
        return tuple(source.table_id for source in self.core.sources if isinstance(source, TableSource))

    def _keys(self, within: QuerySpec | None = None) -> Iterator[Output]:
        """The keys as expressions of the queries inside the query, or of `within` alone: one of each part of a union."""
        for output in self.spec.outputs or ():
            if output.name in self.keys:
                yield from (Output(output.name, node) for node in origins(self.spec, output.node, within))

    @cached_property
    def id_keys(self) -> list[tuple[str, str]] | None:
        """The keys that are ids of rows, each with its table, if nothing of a row of the view comes from other rows of it."""
        if not is_of_rows(self.spec):
            return None
        refs = ((key.name or '', key.node) for key in self._keys() if isinstance(key.node, ColumnRef))
        return [(name, ref.table_id) for name, ref in refs if ref.column_id == ROW_ID]

    @cached_property
    def keys_alone(self) -> QuerySpec | None:
        """The query of the keys of the groups; None if there are none, or they are computed from many rows themselves."""
        keys, core = tuple(self._keys(self.core)), self.core
        if has_no_groups(core) or not keys or any(has_aggregate(key.node) or has_window(key.node) for key in keys):
            return None
        return QuerySpec(core.source, core.joins, keys, core.predicates, group_by=tuple(key.node for key in keys))

    @cached_property
    def by_field(self) -> dict[str, ColumnRecord]:
        """The columns by their fields."""
        return {field_name(column.id): column for column in self.columns}

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.by_field)

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """Of the rows as the view stores them."""
        return pa.schema([(name, storage_type(column.type)) for name, column in self.by_field.items()])

    def rows(self, tables: Mapping[str, Source], spec: QuerySpec | None = None) -> pa.Table:
        """The rows of the query, or of another one over the same tables, as these are."""
        prepared = prepare(self.engine, spec or self.spec, given=tables)
        schema = prepared.arrow_schema
        if schema.names == self.arrow_schema.names:
            schema = self.arrow_schema
        found = [each.cast(schema) for each in run(self.engine.context, prepared.tables, prepared.stages)]
        return pa.concat_tables(found) if found else buffers.no_rows(schema)

    def reads(self, source: Source, nodes: Iterable[Node] | None = None) -> list[int]:
        """The columns of a table, by id, of which it matters to the query, or to `nodes` of it, what they hold."""
        names = self._names(source, every_node(self.spec) if nodes is None else nodes)
        known = source.columns
        if not known.keys() >= names:  # over windows of rows, which may read anything
            names = set(known)
        return sorted({known[name].column_id for name in names} - {ROW_ID})

    def _names(self, source: Source, nodes: Iterable[Node]) -> set[str]:
        """The fields of a table that expressions read."""
        refs = {replace(ref, version=None) for node in nodes for ref in column_refs(node)}
        mine = [ref for ref in refs if source.schema.local(ref.table_id, ref.column_id) is not None]
        return {name for ref in mine for name in fields(self.engine.resolver.bind(source.schema, ref))}

    def way(self, tables: Mapping[str, Source]) -> Way:
        """How the view follows."""
        for source in tables.values():
            if not source.columns.keys() >= self._names(source, every_node(self.spec)):
                return 'whole'
        return _way_of(self.spec)


def _way_of(spec: QuerySpec) -> Way:
    if any(map(has_window, every_node(spec))):
        return 'whole'
    if spec.is_limited or spec.sample is not None:
        is_window = is_row_wise(spec) and spec.sample is None and not spec.offset
        return 'window' if is_window else 'whole'
    groups = grouping(spec)
    way = _way_of_rows(rows_of(groups or spec))
    if groups is None:
        return way
    has_distinct_groups = groups.distinct and (groups.group_by is not None or any(map(has_aggregate, groups.nodes)))
    return 'whole' if way == 'whole' or has_distinct_groups else 'groups'


def _way_of_rows(spec: QuerySpec) -> Way:
    if is_linear(spec):
        return 'pairs'
    tables = [source.table_id for source in spec.sources if isinstance(source, TableSource)]
    is_plain = len(set(tables)) == len(spec.sources) and {join.how for join in spec.joins} <= {'inner', 'cross', 'left'}
    return 'first' if is_plain else 'whole'
