"""Queries: the clauses that a user has put together so far. Immutable; every verb gives a new one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pixeltable.api.reading import Readable
from pixeltable.api.render.describe import describe_query, describe_query_html
from pixeltable.api.results import ResultSet
from pixeltable.api.status import UpdateStatus
from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.exec.query import run
from pixeltable.exec.source import Source
from pixeltable.exprs import build
from pixeltable.exprs.display import display
from pixeltable.exprs.expr import require_expression
from pixeltable.exprs.naming import result_names
from pixeltable.exprs.nodes import Node
from pixeltable.plan.build import build as build_plan
from pixeltable.plan.explain import explain
from pixeltable.plan.logical import Named, Scan
from pixeltable.plan.optimize import optimize
from pixeltable.plan.query import OrderKey, Output, QuerySpec
from pixeltable.plan.stages import Stage, cut
from pixeltable.types.arrow import storage_type

if TYPE_CHECKING:
    from pixeltable.api.table import Table


class Query(Readable):
    """Clauses over one table, in any order. Nothing runs before `collect`, `count`, `head`, `tail` or `show`."""

    __slots__ = ('_spec', '_table')

    def __init__(self, table: Table, spec: QuerySpec) -> None:
        self._table = table
        self._spec = spec

    def _query(self) -> Query:
        return self

    def _with(self, **changes: Any) -> Query:
        return Query(self._table, dataclasses.replace(self._spec, **changes))

    def select(self, *items: Any, **named: Any) -> Query:
        """See `Table.select`. Raises INVALID_STATE if the query has a select list already."""
        if self._spec.outputs is not None:
            raise RequestError(ErrorCode.INVALID_STATE, 'select() was called already; list all columns in one call.')
        for name in named:
            if name.startswith('_'):
                raise RequestError(
                    ErrorCode.INVALID_ARGUMENT, f'{name!r} cannot name a result column: it starts with _.'
                )
        outputs = [Output(None, build.node(item)) for item in items]
        outputs += [Output(name, build.node(item)) for name, item in named.items()]
        return self._with(outputs=tuple(outputs) or None)

    def where(self, predicate: Any) -> Query:
        """See `Table.where`."""
        node = build.check_boolean(require_expression(predicate, 'where()'))
        return self._with(predicates=(*self._spec.predicates, node))

    def order_by(self, *keys: Any, asc: bool = True) -> Query:
        """See `Table.order_by`."""
        new = tuple(OrderKey(require_expression(key, 'order_by()'), asc) for key in keys)
        return self._with(order_by=self._spec.order_by + new)

    def limit(self, n: int, offset: int | None = None) -> Query:
        """See `Table.limit`. The last call wins."""
        _check_count(n, 'n')
        _check_count(offset or 0, 'offset')
        return self._with(limit=n, offset=offset or 0)

    def group_by(self, *keys: Any) -> Query:
        """See `Table.group_by`. Raises INVALID_STATE if the query is grouped already."""
        if self._spec.group_by is not None:
            raise RequestError(ErrorCode.INVALID_STATE, 'group_by() was called already; give all keys in one call.')
        return self._with(group_by=tuple(require_expression(key, 'group_by()') for key in keys))

    def distinct(self) -> Query:
        """See `Table.distinct`."""
        return self._with(distinct=True)

    @property
    def schema(self) -> dict[str, Any]:
        """The types of the result columns by name."""
        return {output.name or '': output.node.type for output in self._outputs(self._table._source())}

    def update(self, value_spec: dict[str, Any], cascade: bool = True) -> UpdateStatus:
        """`Table.update` for the rows of this query, which may have `where` and nothing else."""
        self._only_where('update')
        return self._table._update(value_spec, self._spec.predicates, cascade=cascade)

    def delete(self) -> UpdateStatus:
        """`Table.delete` for the rows of this query, which may have `where` and nothing else."""
        self._only_where('delete')
        return self._table._delete(self._spec.predicates)

    def recompute_columns(
        self, *columns: Any, errors_only: bool = False, cascade: bool = True, only: str = 'all'
    ) -> UpdateStatus:
        """`Table.recompute_columns` for the rows of this query, which may have `where` and nothing else."""
        self._only_where('recompute_columns')
        only = self._table._only(columns, errors_only, only)
        return self._table._recompute(*self._table._request(columns, self._spec.predicates, only, cascade))

    def _only_where(self, verb: str) -> None:
        if dataclasses.replace(self._spec, predicates=()) != QuerySpec(
            self._spec.table_id, self._spec.path, self._spec.version
        ):
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{verb}() works on t.where(...) only, not after select, group_by, order_by, limit or distinct.',
            )

    def _outputs(self, source: Source) -> list[Output]:
        if self._spec.outputs is None:
            if self._spec.group_by is not None:
                return [Output(n, k) for n, k in zip(*self._named(self._spec.group_by), strict=True)]
            return [Output(c.name, self._table._column_node(source.schema, c)) for c in source.schema.columns]
        names = result_names([(output.name, output.node) for output in self._spec.outputs])
        return [Output(name, output.node) for name, output in zip(names, self._spec.outputs, strict=True)]

    @staticmethod
    def _named(nodes: tuple[Node, ...]) -> tuple[list[str], tuple[Node, ...]]:
        return result_names([(None, node) for node in nodes]), nodes

    def _stages(self, source: Source) -> tuple[tuple[Stage, ...], list[Output]]:
        engine = self._table._session.engine
        outputs = self._outputs(source)

        def bind(node: Node) -> Node:
            return engine.resolver.bind(source.schema, node)

        bound = [Named(output.name or '', bind(output.node)) for output in outputs]
        plan = build_plan(self._spec, bound, Scan(tuple(source.columns.values())), bind, source.in_order)
        return cut(optimize(plan)), outputs

    def _run(self) -> ResultSet:
        source = self._table._source()
        try:
            return self._result(source)
        except NotFoundError as error:
            # A purge deletes files at once, and others have taken their places.
            again = self._table._source()
            if error.error_code is not ErrorCode.STORAGE_NOT_FOUND or again.contents == source.contents:
                raise
        return self._result(again)

    def _result(self, source: Source) -> ResultSet:
        stages, outputs = self._stages(source)
        session = self._table._session
        types = {output.name or '': output.node.type for output in outputs}
        schema = pa.schema([(name, storage_type(type_)) for name, type_ in types.items()])
        with session.operation('collect', self._spec.table_id, self._spec.path, changes=False) as engine:
            tables = [table.cast(schema) for table in run(engine.context, source, stages)]
        data = pa.concat_tables(tables) if tables else schema.empty_table()
        return ResultSet(data, types, session.settings.time_zone, session.engine.context.services.library)

    def _count(self) -> int:
        if (
            self._spec.limit is None
            and not self._spec.offset
            and not self._spec.distinct
            and self._spec.group_by is None
        ):
            counted = self._with(outputs=(Output('n', build.aggregate('count', None)),), order_by=())
            return int(counted._run()['n'][0])
        return len(self._run())

    def _head(self, n: int) -> ResultSet:
        _check_count(n, 'n')
        limit = n if self._spec.limit is None else min(n, self._spec.limit)
        return self.limit(limit, self._spec.offset)._run()

    def _tail(self, n: int) -> ResultSet:
        _check_count(n, 'n')
        if self._spec.limit is not None or self._spec.offset or self._spec.distinct or self._spec.group_by is not None:
            rows = self._run()
            return rows[max(0, len(rows) - n) :]
        keys = (*self._spec.order_by, OrderKey(self._table._row_id_node()))
        backwards = tuple(OrderKey(key.node, not key.ascending) for key in keys)
        return self._with(order_by=backwards, limit=n)._run().reversed()

    def _explain(self) -> str:
        source = self._table._source()
        stages, _ = self._stages(source)
        labels = {f'c{column.id}': column.name for column in source.schema.columns}
        return explain(stages, labels, source.coverage)

    def __repr__(self) -> str:
        return describe_query(self._table._path, *self._description())

    def _repr_html_(self) -> str:
        return describe_query_html(self._table._path, *self._description())

    def _description(self) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
        """`(name, type, expression)` of each result column, and `(clause, text)` of each clause."""
        spec = self._spec
        outputs: list[tuple[str, ...]] = [
            (o.name or '', str(o.node.type), display(o.node)) for o in self._outputs(self._table._source())
        ]
        clauses: list[tuple[str, ...]] = []
        if spec.predicates:
            clauses.append(('Where', ' & '.join(f'({display(p)})' for p in spec.predicates)))
        if spec.group_by is not None:
            clauses.append(('Group By', ', '.join(display(key) for key in spec.group_by)))
        if spec.order_by:
            keys = (display(key.node) + ('' if key.ascending else ' desc') for key in spec.order_by)
            clauses.append(('Order By', ', '.join(keys)))
        if spec.limit is not None:
            clauses.append(('Limit', f'{spec.limit}' + (f' offset {spec.offset}' if spec.offset else '')))
        return outputs, clauses


def _check_count(value: Any, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name} must be an int from 0 to 2**63 - 1, not {value!r}.')
