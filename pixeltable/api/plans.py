"""What an operation would compute and cost, as users see it before anything is spent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import pyarrow as pa

from pixeltable.api.listing import Listing
from pixeltable.exec.foresight import Needed
from pixeltable.exec.planning import Planned
from pixeltable.session import Session
from pixeltable.types.arrow import storage_type
from pixeltable.types.column_type import FLOAT, INT, STRING, ColumnType

_TYPES: dict[str, ColumnType] = {
    'column': STRING,
    'cells': INT,
    'calls': INT,
    'in_ledger': INT,
    'seconds': FLOAT.with_nullable(True),
    'cost': FLOAT.with_nullable(True),
}


class Plan(Listing):
    """What an operation would compute: a row for each column, with the totals as attributes.

    A row has the `column`, and `table` in a plan for several tables; `cells` to be computed; `calls` of functions for them (of a
    batched function several are made at once; of equal calls of a function with `cache=True`, one); of how many the result is
    `in_ledger`, so that they are not made; and for the others the `seconds` in functions, calls at the same time counting each
    for itself, and the `cost` in US dollars, by what calls of that function took on average. These are None as long as nothing
    is known of a function; see `pxt.usage` for which functions that is recorded.
    """

    __slots__ = ()

    @property
    def cells(self) -> int:
        """Cells to be computed."""
        return sum(self['cells'])

    @property
    def calls(self) -> int:
        """Calls of functions, those included whose results are in the ledger."""
        return sum(self['calls'])

    @property
    def in_ledger(self) -> int:
        """Calls that are not made, because their results are in the ledger."""
        return sum(self['in_ledger'])

    @property
    def seconds(self) -> float | None:
        """Estimated seconds in functions; None if one of them is not known."""
        return _sum(self['seconds'])

    @property
    def cost(self) -> float | None:
        """Estimated US dollars; None if one of the functions is not known."""
        return _sum(self['cost'])

    def __repr__(self) -> str:
        made = self.calls - self.in_ledger
        seconds = '' if self.seconds is None else f', about {self.seconds:,.3g} s in functions'
        cost = '' if not self.cost else f', about ${self.cost:,.2f}'
        total = f'{self.cells:,} cells, {self.calls:,} calls, {self.in_ledger:,} of them in the ledger'
        return f'{super().__repr__()}\n{total}{seconds if made else ""}{cost if made else ""}'


def plan_of(
    planned: Sequence[tuple[str, Planned]],
    used: Mapping[str, Mapping[str, Any]],
    zone: tzinfo,
    *,
    with_tables: bool = False,
) -> Plan:
    """The plan of what is `planned`, by path of a table; `used` is what calls used so far, by name of the function."""
    types = {'table': STRING, **_TYPES} if with_tables else _TYPES
    rows = [{'table': path, **_row(each, used)} for path, each in planned]
    schema = pa.schema([(name, storage_type(type_)) for name, type_ in types.items()])
    return Plan(pa.Table.from_pylist([{name: row[name] for name in types} for row in rows], schema), types, zone)


def usage_by_function(current: Session) -> Mapping[str, Mapping[str, Any]]:
    """What calls of each function used so far, whatever the table."""
    names = current.usage.names('function')
    rows = (dict(zip(names, values, strict=True)) for values in current.usage.sums('function', '', None))
    return {row['function']: row for row in rows}


def _row(planned: Planned, used: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    estimates = [_estimate(needed, used.get(needed.function.name)) for needed in planned.needed]
    return {
        'column': planned.column,
        'cells': planned.cells,
        'calls': sum(needed.calls for needed in planned.needed),
        'in_ledger': sum(needed.known for needed in planned.needed),
        'seconds': _sum([seconds for seconds, _ in estimates]),
        'cost': _sum([cost for _, cost in estimates]),
    }


def _estimate(needed: Needed, used: Mapping[str, Any] | None) -> tuple[float | None, float | None]:
    """Seconds and dollars for the calls that are to be made."""
    missing = needed.calls - needed.known
    if not missing:
        return 0.0, 0.0
    if used is None or not used['calls']:
        return None, None
    batches = math.ceil(missing / (needed.function.batch_size or 1))
    cost = None if used['cost'] is None else batches * used['cost'] / used['calls']
    return batches * used['seconds'] / used['calls'], cost


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
