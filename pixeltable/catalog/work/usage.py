"""What calls of functions used, summed up by day, table, column, operation and function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import Select, bindparam, case, cast, func, select, update

from pixeltable.catalog.connection import Connection
from pixeltable.catalog.work.tables import usage

By = Literal['column', 'operation', 'day', 'function']

_SUMS = ('calls', 'hits', 'errors', 'seconds', 'input_tokens', 'output_tokens', 'cost')
_KEY = ('day', 'table_id', 'column_name', 'operation', 'function')
_GROUPS: dict[By, tuple[str, ...]] = {
    'column': ('path', 'column_name'),
    'operation': ('operation',),
    'day': ('day',),
    'function': ('function',),
}


@dataclass(frozen=True, slots=True)
class Usage:
    """What the calls of one function for one column used in one operation. `day` is in UTC, as in `'2026-01-31'`."""

    day: str
    table_id: str
    path: str
    column_name: str
    operation: str
    function: str
    calls: int
    hits: int
    errors: int
    seconds: float
    input_tokens: int
    output_tokens: int
    cost: float | None


_ADD = (
    update(usage)
    .where(*(usage.c[name] == bindparam(f'key_{name}') for name in _KEY))
    .values({name: usage.c[name] + bindparam(f'more_{name}') for name in _SUMS} | {'path': bindparam('path')})
)
_INSERT = usage.insert()


def add(connection: Connection, used: Iterable[Usage]) -> None:
    """Adds to the sums. To be called in a write, where writers come one after another."""
    for each in used:
        values = asdict(each)
        keys = {f'key_{name}': values[name] for name in _KEY}
        more = {f'more_{name}': values[name] for name in _SUMS}
        if not connection.execute(_ADD, {**keys, **more, 'path': each.path}):
            connection.execute(_INSERT, values)


def _sums(by: By, *, of_table: bool) -> Select[Any]:
    groups = [usage.c[name] for name in _GROUPS[by]]
    # PostgreSQL sums whole numbers to decimal ones.
    sums: list[Any] = [cast(func.sum(usage.c[name]), usage.c[name].type) for name in _SUMS[:-1]]
    is_known = func.count(usage.c.cost) == func.count()
    sums.append(case((is_known, func.sum(usage.c.cost))))
    found = select(*groups, *sums).where(usage.c.day >= bindparam('since'))
    if of_table:
        found = found.where(usage.c.table_id == bindparam('table_id'))
    return found.group_by(*groups).order_by(*groups)


_OF_ALL = {by: _sums(by, of_table=False) for by in _GROUPS}
_OF_TABLE = {by: _sums(by, of_table=True) for by in _GROUPS}


def names(by: By) -> tuple[str, ...]:
    """What the values of a row of `sums` are called."""
    return (*_GROUPS[by], *_SUMS)


def sums(connection: Connection, by: By, since: str, table_id: str | None) -> Sequence[Sequence[Any]]:
    """The sums of one table, or of all, from the day `since` on."""
    if table_id is None:
        return connection.rows(_OF_ALL[by], {'since': since})
    return connection.rows(_OF_TABLE[by], {'since': since, 'table_id': table_id})
