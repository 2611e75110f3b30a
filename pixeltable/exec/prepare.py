"""From the clauses of a query to the stages that run it: finds its tables at one commit, names and binds, plans and cuts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import pyarrow as pa

from pixeltable.exec.engine import Engine
from pixeltable.exec.query_columns import (
    comes_in_order,
    is_row_wise,
    named_columns,
    shown_type,
    table_columns,
    union_columns,
)
from pixeltable.exec.scan_columns import is_unseen
from pixeltable.exec.scope import Relation, Scope
from pixeltable.exec.source import Source
from pixeltable.exec.window_columns import with_window_columns
from pixeltable.exprs import build as nodes
from pixeltable.exprs.bind import ROW_ID_FIELD, fields
from pixeltable.exprs.naming import result_names
from pixeltable.exprs.nodes import ColumnRef, Field, Node
from pixeltable.plan.build import Base, build
from pixeltable.plan.cut import cut
from pixeltable.plan.logical import Join, Named, Plan, Project, Scan, ScanColumn, Union, Windows
from pixeltable.plan.optimize import optimize
from pixeltable.plan.query import Output, QuerySpec, SubQuery, TableSource
from pixeltable.plan.query import Source as NamedSource
from pixeltable.plan.query import Union as UnionSource
from pixeltable.plan.stages import Stage
from pixeltable.types.column_type import INT, ColumnType

ROW_ID_OUTPUT = '_row_id'
"""The hidden column of a sub-query with the ids of its rows; no column of a user's begins so."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query that is ready to run: its stages, the tables that they read, by number, and its result columns.

    `labels` gives the user's name for each field of the tables.
    """

    stages: tuple[Stage, ...]
    tables: tuple[Source, ...]
    outputs: tuple[Output, ...]
    labels: dict[str, str]

    def differs(self, other: Prepared) -> bool:
        """Whether it reads other files."""
        return [table.contents for table in self.tables] != [table.contents for table in other.tables]

    @property
    def types(self) -> dict[str, ColumnType]:
        return {output.name or '': output.node.type for output in self.outputs}

    @property
    def unseen(self) -> frozenset[str]:
        """The results that are media nobody has looked at before."""
        return frozenset(
            output.name or ''
            for output in self.outputs
            for table in self.tables
            if isinstance(output.node, ColumnRef)
            and is_unseen(table.schema, table.schema.local(output.node.table_id, output.node.column_id) or 0)
        )

    @property
    def arrow_schema(self) -> pa.Schema:
        return pa.schema([(output.name or '', shown_type(output.node)) for output in self.outputs])


def prepare(
    engine: Engine, query: QuerySpec, commit: int | None = None, given: Mapping[str, Source] | None = None
) -> Prepared:
    """The query over the tables as `commit` sees them; None for the last. Those whose ids `given` has are read from there.

    Raises what is wrong with the query, in the user's words.
    """
    planner = _Planner(engine, commit=commit, given=given or {})
    plan, outputs = planner.query(query)
    return Prepared(cut(optimize(plan)), tuple(planner.tables), tuple(outputs), planner.labels)


def outputs_of(engine: Engine, query: QuerySpec) -> list[Output]:
    """The result columns, named; nothing is planned."""
    planner = _Planner(engine)
    return planner.outputs(query, planner.scope(query))


def columns_of(engine: Engine, source: NamedSource) -> Sequence[Output]:
    """All columns of a source of rows."""
    return _Planner(engine).columns(source)


@dataclass
class _Planner:
    engine: Engine
    tables: list[Source] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    commit: int | None = None
    given: Mapping[str, Source] = field(default_factory=dict)

    def query(self, spec: QuerySpec, *, with_row_ids: bool = False) -> tuple[Plan, list[Output]]:
        """The plan of a query, not optimised, and its outputs."""
        scope = self._with_window_columns(spec, self.scope(spec))
        outputs = self.outputs(spec, scope)
        bound = [Named(output.name or '', scope.bind(output.node)) for output in outputs]
        base = self._base(spec, scope)
        if with_row_ids and base.row_ids:
            bound.append(Named(ROW_ID_OUTPUT, base.row_ids[0]))
        return build(spec, bound, base, scope.bind), outputs

    def scope(self, spec: QuerySpec) -> Scope:
        relations = [self._relation(source, number) for number, source in enumerate(spec.sources)]
        for number, join in enumerate(spec.joins, 1):
            if join.how in ('right', 'full_outer'):
                relations[:number] = [replace(relation, is_optional=True) for relation in relations[:number]]
            if join.how in ('left', 'full_outer'):
                relations[number] = replace(relations[number], is_optional=True)
        return Scope(self.engine.resolver, relations)

    def _with_window_columns(self, spec: QuerySpec, scope: Scope) -> Scope:
        """Adds the columns over windows that the query reads to the rows of their tables."""
        tables = [relation for relation in scope.relations if relation.rows is not None]
        if all(column.stored for relation in tables for column in relation.rows.schema.columns):  # type: ignore[union-attr]
            return scope
        nodes = [*spec.nodes, *(output.node for output in self.outputs(spec, scope))]
        read = {name for node in nodes for name in fields(scope.bind(node))}
        relations = [
            relation
            if relation.rows is None
            else replace(
                relation,
                plan=with_window_columns(
                    self.engine.resolver,
                    relation.rows.schema,
                    relation.plan,
                    read,
                    relation.row_ids[0],
                    relation.prefix,
                ),
            )
            for relation in scope.relations
        ]
        return Scope(self.engine.resolver, relations)

    def outputs(self, spec: QuerySpec, scope: Scope) -> list[Output]:
        """The result columns, named: those that are selected, the keys of groups, or everything."""
        chosen = spec.outputs
        if chosen is None and spec.group_by is not None:
            chosen = tuple(Output(None, key) for key in spec.group_by)
        elif chosen is None:
            columns = list(chain.from_iterable(relation.columns for relation in scope.relations))
            chosen = tuple(columns if len(scope.relations) == 1 else (Output(None, each.node) for each in columns))
        names = result_names([(output.name, output.node) for output in chosen])
        return [scope.result_type(Output(n, output.node)) for n, output in zip(names, chosen, strict=True)]

    def columns(self, source: NamedSource) -> Sequence[Output]:
        """All columns of a source of rows; nothing is planned."""
        match source:
            case TableSource(table_id=table_id, version=version):
                schema = self.engine.catalog.schema(table_id, None if version is None else self._commit(source))
                return table_columns(schema, version)
            case SubQuery(key=key, query=query):
                return named_columns(key, self.outputs(query, self.scope(query)))
            case UnionSource(key=key, queries=queries):
                return union_columns(key, [self.outputs(query, self.scope(query)) for query in queries])

    def _base(self, spec: QuerySpec, scope: Scope) -> Base:
        first = scope.relations[0]
        ties = tuple(self._ties(scope)) if spec.is_limited else ()
        if not spec.joins:
            return Base(first.plan, first.row_ids, first.in_order and not isinstance(first.plan, Windows), ties)
        plan = first.plan
        for relation, join in zip(scope.relations[1:], spec.joins, strict=True):
            plan = Join(plan, relation.plan, join.how, None if join.on is None else scope.bind(join.on))
        row_ids = tuple(chain.from_iterable(relation.row_ids for relation in scope.relations))
        # The rows of a join come in no order that was promised; which ones a limit keeps should not be left to chance.
        return Base(plan, row_ids, not spec.is_limited, ties)

    def _ties(self, scope: Scope) -> Iterator[Node]:
        """All that rows without ids hold."""
        for relation in scope.relations:
            if not relation.row_ids:
                yield from (relation.bind(self.engine.resolver, column.node) for column in relation.columns)

    def _relation(self, source: NamedSource, number: int) -> Relation:
        prefix = f'j{number}_' if number else ''
        match source:
            case TableSource():
                return self._table(source, prefix)
            case SubQuery(key=key, query=query):
                plan, outputs = self.query(query, with_row_ids=is_row_wise(query))
                columns = named_columns(key, outputs)
                named = [
                    Named(f'{prefix}c{number}', Field(output.node.type, output.name or ''))
                    for number, output in enumerate(outputs, 1)
                ]
                row_ids: tuple[Field, ...] = ()
                if isinstance(plan, Project) and plan.outputs[-1].name == ROW_ID_OUTPUT:
                    row_ids = (Field(INT, prefix + ROW_ID_FIELD, 'id'),)
                    named.append(Named(prefix + ROW_ID_FIELD, Field(INT, ROW_ID_OUTPUT)))
                return Relation(source, prefix, Project(plan, tuple(named)), columns, row_ids, comes_in_order(source))
            case UnionSource():
                return self._union(source, prefix)

    def _table(self, source: TableSource, prefix: str) -> Relation:
        rows = self.given.get(source.table_id) if source.version is None else None
        if rows is None:
            rows = self.engine.source(source.table_id, self._commit(source))
        number = len(self.tables)
        self.tables.append(rows)
        all_columns = (*rows.schema.columns, *rows.schema.inherited)
        self.labels |= {f'{prefix}c{column.id}': column.name for column in all_columns}
        columns = tuple(rows.columns.values())
        if prefix:
            columns = tuple(
                ScanColumn(replace(column.field, name=prefix + column.field.name), column.column_id, column.part)
                for column in columns
            )
        scan = Scan(columns, table=number, prefix=prefix, has_short_ids=rows.has_short_ids)
        row_id = Field(INT, prefix + ROW_ID_FIELD)
        outputs = tuple(table_columns(rows.schema, source.version))
        return Relation(source, prefix, scan, outputs, (row_id,), rows.in_order, rows)

    def _commit(self, source: TableSource) -> int:
        """All tables are read as one commit sees them, but for those of past versions."""
        if source.version is not None:
            return self.engine.catalog.version(source.table_id, source.version).commit
        if self.commit is None:
            self.commit = self.engine.catalog.last_commit()
        return self.commit

    def _union(self, source: UnionSource, prefix: str) -> Relation:
        parts = [self.query(query) for query in source.queries]
        columns = union_columns(source.key, [outputs for _, outputs in parts])
        types = [column.node.type for column in columns]
        plans = []
        for plan, outputs in parts:
            fields = [Field(output.node.type, output.name or '') for output in outputs]
            cells = [f if f.type.kind is t.kind else nodes.cast(f, t) for f, t in zip(fields, types, strict=True)]
            plans.append(Project(plan, tuple(Named(f'{prefix}c{n}', cell) for n, cell in enumerate(cells, 1))))
        return Relation(source, prefix, Union(tuple(plans), source.distinct), columns, (), comes_in_order(source))
