"""Fragments of DuckDB text: constants, conversions to text, and Json.

Nothing here knows nodes; `sql` puts the fragments together. Integers arrive as BIGINT and floats as DOUBLE, so that nothing is
computed in the narrower types or the decimals that DuckDB reads number texts as.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Sequence
from typing import Any

from pixeltable.types.column_type import Kind

SQL_TYPES: dict[Kind, str] = {
    Kind.STRING: 'VARCHAR',
    Kind.INT: 'BIGINT',
    Kind.FLOAT: 'DOUBLE',
    Kind.BOOL: 'BOOLEAN',
    Kind.TIMESTAMP: 'TIMESTAMPTZ',
    Kind.DATE: 'DATE',
    Kind.UUID: 'UUID',
    Kind.BINARY: 'BLOB',
    Kind.JSON: 'VARCHAR',
}

# Characters of keys that DuckDB's paths cannot quote, or read as a wildcard even in quotes.
_UNQUOTABLE = frozenset('"\\*\0')
_NUMBERS = "('BIGINT', 'UBIGINT', 'DOUBLE')"


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str | None:
    """A string constant; None for text that no SQL statement can carry."""
    if '\0' in text or any('\ud800' <= character <= '\udfff' for character in text):
        return None
    return "'" + text.replace("'", "''") + "'"


def constant(value: Any, kind: Kind, zone: datetime.tzinfo | None) -> str | None:
    """`value` as a constant of the SQL type of `kind`; None if it has no exact form."""
    type_ = SQL_TYPES.get(kind)
    if value is None:
        return f'CAST(NULL AS {type_})' if type_ else 'NULL'
    text = _constant_text(value, kind, zone)
    if text is None or type_ is None:
        return None
    if kind is Kind.BINARY:
        return f"unhex('{text}')"
    literal = quoted(text)
    if literal is None or type_ == 'VARCHAR':
        return literal
    return f'CAST({literal} AS {type_})'


def _constant_text(value: Any, kind: Kind, zone: datetime.tzinfo | None) -> str | None:
    match kind, value:
        case (Kind.STRING, str()):
            return value
        case (Kind.BOOL, bool()):
            return str(value)
        case (Kind.INT, int()) if -(2**63) <= value < 2**63:
            return str(int(value))
        case (Kind.FLOAT, int() | float()):
            return repr(float(value))
        case (Kind.TIMESTAMP, datetime.datetime()):
            return _timestamp_text(value if value.tzinfo is not None else value.replace(tzinfo=zone))
        case (Kind.DATE, datetime.date()):
            return value.isoformat()
        case (Kind.UUID, uuid.UUID()):
            return str(value)
        case (Kind.BINARY, bytes() | bytearray() | memoryview()):
            return bytes(value).hex()
        case (Kind.JSON, _):
            return _json_text(value)
    return None


def _timestamp_text(value: datetime.datetime) -> str | None:
    if value.tzinfo is None:
        return None
    try:
        return value.astimezone(datetime.UTC).isoformat(sep=' ')
    except OverflowError:  # outside the years 1 to 9999 in UTC
        return None


def _json_text(value: Any) -> str | None:
    """None for a value that plain JSON cannot hold, such as one with an array inside."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(',', ':'))
    except (TypeError, ValueError):
        return None


def to_text(value: str, kind: Kind) -> str | None:
    """`str(value)`; None where DuckDB writes it differently."""
    match kind:
        case Kind.STRING:
            return value
        case Kind.BOOL:
            return f"(CASE WHEN {value} THEN 'True' WHEN NOT {value} THEN 'False' END)"
        case Kind.INT | Kind.DATE | Kind.UUID:
            return f'CAST({value} AS VARCHAR)'
    return None


def json_path(steps: Sequence[Any]) -> str | None:
    """A quoted path of keys and positions; None for steps that DuckDB has no path for."""
    text = '$'
    for step in steps:
        if isinstance(step, str) and step and _UNQUOTABLE.isdisjoint(step):
            text += f'."{step}"'
        elif isinstance(step, int):
            text += f'[{step}]' if step >= 0 else f'[#{step}]'
        else:
            return None
    return quoted(text)


def json_extract(document: str, path: str, kind: Kind) -> str | None:
    """What is at `path` as a value of `kind`, NULL if it is of another Json type; None if there is no such form."""
    found, found_type = f'json_extract({document}, {path})', f'json_type({document}, {path})'
    match kind:
        case Kind.JSON:
            return f"nullif(CAST({found} AS VARCHAR), 'null')"
        case Kind.STRING:
            return f"(CASE WHEN {found_type} = 'VARCHAR' THEN json_extract_string({document}, {path}) END)"
        case Kind.INT:
            integers = "('BIGINT', 'UBIGINT')"
            return f'(CASE WHEN {found_type} IN {integers} THEN TRY_CAST(CAST({found} AS VARCHAR) AS BIGINT) END)'
        case Kind.FLOAT:
            return f'(CASE WHEN {found_type} IN {_NUMBERS} THEN CAST(CAST({found} AS VARCHAR) AS DOUBLE) END)'
        case Kind.BOOL:
            return f"(CASE WHEN {found_type} = 'BOOLEAN' THEN CAST(CAST({found} AS VARCHAR) AS BOOLEAN) END)"
    return None


def json_to(document: str, kind: Kind) -> str | None:
    """A Json value that must be of `kind`, else the statement fails. There is no text: of a float, DuckDB writes another."""
    found_type = f'json_type({document})'
    failed = f"error('the Json value ' || left(CAST({document} AS VARCHAR), 80) || ' is not of type {kind.value}')"
    match kind:
        case Kind.INT:
            found = f"WHEN {found_type} IN ('BIGINT', 'UBIGINT') THEN CAST({document} AS BIGINT)"
        case Kind.FLOAT:
            found = f'WHEN {found_type} IN {_NUMBERS} THEN CAST({document} AS DOUBLE)'
        case Kind.BOOL:
            found = f"WHEN {found_type} = 'BOOLEAN' THEN CAST({document} AS BOOLEAN)"
        case _:
            return None
    return f'(CASE WHEN {document} IS NULL THEN NULL {found} ELSE {failed} END)'


def json_compare(document: str, symbol: str, other: str, kind: Kind) -> str | None:
    """A Json value against a scalar: values of different types are unequal, and have no order (NULL)."""
    found_type = f'json_type({document})'
    mismatch = {'=': 'FALSE', '<>': 'TRUE'}.get(symbol, 'NULL')
    match kind:
        case Kind.STRING:
            cases = f"WHEN {found_type} = 'VARCHAR' THEN json_extract_string({document}, '$') {symbol} {other}"
        case Kind.INT:
            wide = f"WHEN {found_type} = 'DOUBLE' THEN CAST({document} AS DOUBLE) {symbol} CAST({other} AS DOUBLE)"
            cases = f'{wide} WHEN {found_type} IN {_NUMBERS} THEN CAST({document} AS HUGEINT) {symbol} {other}'
        case Kind.FLOAT:
            cases = f'WHEN {found_type} IN {_NUMBERS} THEN CAST({document} AS DOUBLE) {symbol} {other}'
        case Kind.BOOL if mismatch != 'NULL':
            cases = f"WHEN {found_type} = 'BOOLEAN' THEN CAST({document} AS BOOLEAN) {symbol} {other}"
        case _:
            return None
    return f'(CASE WHEN {document} IS NULL OR {other} IS NULL THEN NULL {cases} ELSE {mismatch} END)'


def json_from(value: str, kind: Kind) -> str | None:
    return f'CAST({value} AS VARCHAR)' if kind in (Kind.INT, Kind.BOOL) else None
