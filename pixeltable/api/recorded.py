"""The record of usage as users see it."""

from __future__ import annotations

import datetime
from typing import Any, get_args

import pyarrow as pa

from pixeltable.api.names import check_choice
from pixeltable.api.results import ResultSet
from pixeltable.catalog.work.usage import By
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.session import Session
from pixeltable.types.arrow import storage_type
from pixeltable.types.column_type import DATE, FLOAT, INT, STRING, ColumnType

_TYPES = {
    'path': ('table', STRING),
    'column_name': ('column', STRING),
    'operation': ('operation', STRING),
    'day': ('day', DATE),
    'function': ('function', STRING),
    'calls': ('calls', INT),
    'hits': ('ledger_hits', INT),
    'errors': ('errors', INT),
    'seconds': ('seconds', FLOAT),
    'input_tokens': ('input_tokens', INT),
    'output_tokens': ('output_tokens', INT),
    'cost': ('cost', FLOAT.with_nullable(True)),
}
"""What the result calls the values that are stored, and their types."""


def usage_of(current: Session, table_id: str | None, since: Any, by: str) -> ResultSet:
    """See `pxt.usage`."""
    check_choice(by, get_args(By), 'by')
    found = current.usage.sums(by, _day(since), table_id)  # type: ignore[arg-type]  # it was checked
    names = current.usage.names(by)  # type: ignore[arg-type]
    types: dict[str, ColumnType] = dict(_TYPES[name] for name in names)
    rows = [dict(zip(types, row, strict=True)) for row in found]
    if by == 'day':
        rows = [row | {'day': datetime.date.fromisoformat(row['day'])} for row in rows]
    schema = pa.schema([(name, storage_type(type_)) for name, type_ in types.items()])
    return ResultSet(pa.Table.from_pylist(rows, schema), types, current.settings.time_zone)


def _day(since: Any) -> str:
    if since is None:
        return ''
    if isinstance(since, datetime.datetime):
        return (since.astimezone(datetime.UTC) if since.tzinfo else since).date().isoformat()
    try:
        day = since if isinstance(since, datetime.date) else datetime.date.fromisoformat(since)
    except (TypeError, ValueError):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f"usage(): since is a date or a text such as '2026-01-31', not {since!r}."
        ) from None
    return day.isoformat()
