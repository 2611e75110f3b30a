"""The verb of a table that says what an operation would compute, before anything is spent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from pixeltable.api.computed import check_computed
from pixeltable.api.plans import Plan, plan_of, usage_by_function
from pixeltable.api.recomputing import Recomputing
from pixeltable.api.writing import predicates_of
from pixeltable.catalog.records import ColumnRecord
from pixeltable.errors import ErrorCode, RequestError, did_you_mean
from pixeltable.exec.planning import Planned, plan_column, plan_insert, plan_recomputation, plan_update
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exprs import build
from pixeltable.io.rows import tables_of

OPERATIONS = ('insert', 'update', 'add_computed_column', 'recompute')


class Planning(Recomputing):
    """plan."""

    __slots__ = ()

    def plan(self, operation: str, /, *args: Any, **kwargs: Any) -> Plan:
        """What an operation would compute, how many calls that takes, how many of them are in the ledger, and what the others
        would take and cost. Nothing is called or changed; the rows concerned are read if functions are to be called.

        Args:
            operation: `'insert'`, `'update'`, `'add_computed_column'` or `'recompute'`.
            *args, **kwargs: the arguments of `insert`, of `update`, of `add_computed_column` or of `recompute_columns` that
                say what is computed, as in `t.plan('insert', rows)`, `t.plan('update', {'text': 'new'}, where=t.id == 3)`,
                `t.plan('add_computed_column', topic=classify(t.text))` or `t.plan('recompute', only='stale')`.

        Raises:
            RequestError: INVALID_ARGUMENT for another operation, and for rows that can be read only once. Otherwise as the
                operation itself.
        """
        if operation not in OPERATIONS:
            hint = did_you_mean(str(operation), list(OPERATIONS))
            names = ', '.join(map(repr, OPERATIONS))
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'plan(): there is no operation {operation!r}.{hint} Operations: {names}.'
            )
        planned: list[Planned] = getattr(self, f'_plan_{operation}')(*args, **kwargs)
        rows = [(self._path, each) for each in planned]
        return plan_of(rows, usage_by_function(self._session), self._session.settings.time_zone)

    def _plan_insert(self, source: Any = None, /, **kwargs: Any) -> list[Planned]:
        self._writable('insert')
        if isinstance(source, (Iterator, pa.RecordBatchReader)):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f"plan('insert'): {type(source).__name__} objects can be read only once, and then not be inserted: give the "
                'rows as a list, a DataFrame or an Arrow table.',
            )
        schema = self._session.catalog.schema(self._table_id)
        tables = tables_of(schema, self._rows(schema, source, kwargs), self._session.settings.time_zone)
        return plan_insert(self._session.engine, schema, tables)

    def _plan_update(self, value_spec: dict[str, Any], where: Any = None, cascade: bool = True) -> list[Planned]:
        self._writable('update')
        source = self._source()
        values = self._new_values(source.schema, value_spec)
        return plan_update(self._session.engine, source, values, predicates_of(where), cascade=cascade)

    def _plan_recompute(
        self, *columns: Any, where: Any = None, only: str = 'all', cascade: bool = True
    ) -> list[Planned]:
        _, request = self._request(columns, predicates_of(where), only, cascade)
        return plan_recomputation(self._session.engine, self._source(), request)

    def _plan_add_computed_column(self, **kwargs: Any) -> list[Planned]:
        self._writable('add_computed_column')
        if len(kwargs) != 1:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f"plan('add_computed_column') takes one name=expression, not {len(kwargs)}."
            )
        ((name, value),) = kwargs.items()
        node = build.node(value)
        check_computed(name, node)
        source = self._source()
        resolver = self._session.engine.resolver
        record = ColumnRecord(source.schema.table.next_column_id, name, node.type.with_nullable(True))
        column = ComputedColumn(record, resolver.bind(source.schema, node), '')
        return plan_column(self._session.engine, source, column)
