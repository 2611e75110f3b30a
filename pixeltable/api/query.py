"""Queries: the clauses that a user has put together so far. Immutable; every verb gives a new one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Literal

from pixeltable.api import clauses
from pixeltable.api.default import session
from pixeltable.api.results import ResultSet
from pixeltable.api.running import Running
from pixeltable.api.status import UpdateStatus
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.prepare import outputs_of
from pixeltable.exec.query_documents import changed_nodes, from_document, parameters, to_document
from pixeltable.exprs import checks
from pixeltable.exprs.expr import require_expression
from pixeltable.exprs.nodes import Parameter
from pixeltable.exprs.zones import fixed
from pixeltable.plan.query import Output, QuerySpec
from pixeltable.session import Session

if TYPE_CHECKING:
    from pixeltable.api.subquery import Subquery
    from pixeltable.api.table import Table


class Query(Running):
    """Clauses over tables, in any order. Nothing runs before `collect`, `count`, `head`, `tail` or `show`."""

    __slots__ = ('_table',)

    def __init__(self, session: Session, spec: QuerySpec, table: Table | None = None) -> None:
        """`table` is what a query over nothing but one table is over, so that it can change its rows."""
        super().__init__(session, spec)
        self._table = table

    def _query(self) -> Query:
        return self

    def _with(self, **changes: Any) -> Query:
        return Query(self._session, dataclasses.replace(self._spec, **changes), self._table)

    def select(self, *items: Any, **named: Any) -> Query:
        """See `Table.select`. Raises INVALID_STATE if the query has a select list already."""
        if self._spec.outputs is not None:
            raise RequestError(ErrorCode.INVALID_STATE, 'select() was called already; list all columns in one call.')
        clauses.warn_of_names(self._session, self._spec, items)
        return self._with(outputs=clauses.outputs(items, named))

    def where(self, pred: Any) -> Query:
        """See `Table.where`."""
        if self._spec.sample is not None:
            raise clauses.not_after('where', 'sample')
        node = checks.check_boolean(require_expression(pred, 'where()'))
        return self._with(predicates=(*self._spec.predicates, node))

    def join(
        self,
        other: Any,
        on: Any = None,
        how: Literal['inner', 'left', 'right', 'full_outer', 'cross'] = 'inner',
    ) -> Query:
        """See `Table.join`."""
        join = clauses.join(self._session, self._spec, clauses.source_of(other, 'join()'), on, how)
        return self._with(joins=(*self._spec.joins, join))

    def order_by(self, *keys: Any, asc: bool = True, nulls: Literal['first', 'last'] | None = None) -> Query:
        """See `Table.order_by`."""
        if self._spec.sample is not None:
            raise clauses.not_after('order_by', 'sample')
        return self._with(order_by=self._spec.order_by + clauses.order_keys(keys, asc, nulls))

    def limit(self, n: int, offset: int | None = None) -> Query:
        """See `Table.limit`. The last call wins."""
        if self._spec.sample is not None:
            raise clauses.not_after('limit', 'sample')
        parameter = getattr(n, '__pxt_node__', None)
        if isinstance(parameter, Parameter):
            return self._with(limit=parameter, offset=offset or 0)
        clauses.check_rows(n, 'n')
        clauses.check_rows(offset or 0, 'offset')
        return self._with(limit=n, offset=offset or 0)

    def group_by(self, *keys: Any) -> Query:
        """See `Table.group_by`. Raises INVALID_STATE if the query is grouped already."""
        if self._spec.group_by is not None:
            raise RequestError(ErrorCode.INVALID_STATE, 'group_by() was called already; give all keys in one call.')
        if self._spec.sample is not None:
            raise clauses.not_after('group_by', 'sample')
        return self._with(group_by=tuple(map(clauses.group_key, keys)))

    def having(self, predicate: Any) -> Query:
        """See `Table.having`."""
        node = checks.check_condition(require_expression(predicate, 'having()'), 'having()')
        return self._with(having=(*self._spec.having, node))

    def distinct(self) -> Query:
        """See `Table.distinct`."""
        return self._with(distinct=True)

    def sample(
        self,
        n: int | None = None,
        n_per_stratum: int | None = None,
        fraction: float | None = None,
        seed: int | None = None,
        stratify_by: Any = None,
    ) -> Query:
        """See `Table.sample`."""
        sample = clauses.sample(self._spec, n, n_per_stratum, fraction, seed, stratify_by)
        return self._with(sample=sample)

    def union(self, *others: Any, all: bool = False) -> Subquery:
        """See `Table.union`."""
        from pixeltable.api.subquery import union

        return union(self._session, [self, *others], distinct=not all)

    def subquery(self) -> Subquery:
        """The result of this query as a table to query: `q = t.group_by(t.k).select(t.k, n=count(t.x)).subquery()`, then
        `q.where(q.n > 1)` or `t.join(q, on=t.k == q.k)`."""
        from pixeltable.api.subquery import subquery

        return subquery(self._session, self._spec)

    @property
    def schema(self) -> dict[str, Any]:
        """The types of the result columns by name."""
        return {output.name or '': output.node.type for output in self._outputs()}

    def _outputs(self) -> Sequence[Output]:
        return outputs_of(self._session.engine, self._spec)

    def _collected_in(self, zone: tzinfo) -> ResultSet:
        """What `collect` gives in a session of a time zone."""
        if str(zone) == str(self._session.settings.time_zone):
            return self._run()
        named = dataclasses.replace(self._spec, outputs=tuple(self._outputs()))
        rows = self._collected(changed_nodes(named, lambda node: fixed(node, zone)))
        return rows.of(rows._data, zone)

    def parameters(self) -> dict[str, Any]:
        """The types of the parameters by name: what a `@pxt.query` function is called with."""
        return {name: parameter.type for name, parameter in parameters(self._spec).items()}

    def as_dict(self) -> dict[str, Any]:
        """The query as data that JSON can hold; `Query.from_dict` makes the query of it again, in another process too."""
        return to_document(self._spec, self._session.engine.resolver)

    @staticmethod
    def from_dict(document: dict[str, Any]) -> Query:
        """The query of `as_dict`. Raises INVALID_DATA_FORMAT for anything else."""
        current = session()

        def path_of(table_id: str, path: str) -> str:
            return current.catalog.schema(table_id).table.path or path

        return Query(current, from_document(document, current.engine.resolver, path_of))

    def update(self, value_spec: dict[str, Any], cascade: bool = True) -> UpdateStatus:
        """`Table.update` for the rows of this query, which may have `where` and nothing else."""
        return self._only_where('update')._update(value_spec, self._spec.predicates, cascade=cascade)

    def delete(self) -> UpdateStatus:
        """`Table.delete` for the rows of this query, which may have `where` and nothing else."""
        return self._only_where('delete')._delete(self._spec.predicates)

    def recompute_columns(
        self, *columns: Any, errors_only: bool = False, cascade: bool = True, only: str = 'all'
    ) -> UpdateStatus:
        """`Table.recompute_columns` for the rows of this query, which may have `where` and nothing else."""
        table = self._only_where('recompute_columns')
        only = table._only(columns, errors_only, only)
        return table._recompute(*table._request(columns, self._spec.predicates, only, cascade))

    def _only_where(self, verb: str) -> Table:
        """The table whose rows are to be changed. Raises UNSUPPORTED_OPERATION for a query of anything else."""
        if self._table is None or dataclasses.replace(self._spec, predicates=()) != QuerySpec(self._spec.source):
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{verb}() works on t.where(...) only, not after select, join, group_by, order_by, limit, distinct or sample.',
            )
        return self._table
