"""What is known of the values of a file without reading it: their bounds, their NULLs, whether they repeat.

Made from the statistics that Parquet keeps for each row group, and kept in the catalog as a small document, so that a query skips
a file without touching it. A bound may lie further out than any value, never further in; what is not known skips nothing.
"""

from __future__ import annotations

import functools
import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as is_type

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.conditions import Condition, Scalar

MAX_COLUMNS = 32
MAX_LENGTH = 32
"""Longer texts and bytes are cut: the lower bound down, the upper one up."""

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """One column of a file or a row group. Values lie in `low … high`, NULLs and NaN apart; None means not known.

    `may_be_nan` says whether there may be NaN, which is greater than every number. `repeats` says that the file has a
    dictionary of the values.
    """

    low: Scalar | None = None
    high: Scalar | None = None
    nulls: int | None = None
    may_be_nan: bool = True
    repeats: bool = False


def may_match(bounds: Bounds, rows: int, condition: Condition) -> bool:
    """Whether one of `rows` values within `bounds` may meet `condition`."""
    if condition.op == 'is_null':
        return bounds.nulls != 0
    if bounds.nulls == rows:
        return False
    if condition.op == 'is_not_null':
        return True
    low, high = _widened(bounds, condition.values)
    match condition.op:
        case 'lt' | 'le' if low is not None:
            (value,) = condition.values
            return low < value or (condition.op == 'le' and low == value)
        case 'gt' | 'ge' if high is not None and not bounds.may_be_nan:
            (value,) = condition.values
            return high > value or (condition.op == 'ge' and high == value)
        case 'eq' | 'in':
            first = 0 if low is None else bisect_left(condition.values, low)
            end = len(condition.values) if high is None else bisect_right(condition.values, high)
            return first < end
    return True


def _widened(bounds: Bounds, values: Sequence[Any]) -> tuple[Any, Any]:
    """The bounds in which `values` are to be looked up; none if they are of another kind, as after a change of type."""
    low, high = bounds.low, bounds.high
    known = next((bound for bound in (low, high) if bound is not None), None)
    if any(isinstance(known, str | bytes) != isinstance(value, str | bytes) for value in values[:1]):
        return None, None
    if isinstance(known, int) and any(isinstance(value, float) for value in values):
        # The predicate rounds the column to float, which may move a value past the bound.
        low = None if low is None else min(low, float(low))
        high = None if high is None else max(high, float(high))
    return low, high


def of_row_group(metadata: pq.FileMetaData, group: int, column: int, type_: pa.DataType) -> Bounds:
    """What Parquet says about a column of `type_` in one row group. `may_be_nan` has to be found out elsewhere."""
    chunk = metadata.row_group(group).column(column)
    found = chunk.statistics
    repeats = bool(is_type.is_string(type_) and chunk.has_dictionary_page)
    if found is None or not _is_ordered(type_):
        return Bounds(repeats=repeats)
    low, high = (found.min_raw, found.max_raw) if found.has_min_max else (None, None)
    if is_type.is_string(type_):
        low, high = (None if bound is None else bound.decode() for bound in (low, high))
    return Bounds(
        _finite(low),
        _finite(high),
        found.null_count if found.has_null_count else None,
        bool(is_type.is_floating(type_)),
        repeats,
    )


def _is_ordered(type_: pa.DataType) -> bool:
    """Types of which columns are stored whose order in files is that of queries."""
    return isinstance(type_, pa.UuidType) or type_ in (
        pa.int64(),
        pa.float64(),
        pa.bool_(),
        pa.string(),
        pa.binary(),
        pa.date32(),
        pa.timestamp('us', 'UTC'),
    )


def _finite(bound: Any) -> Any:
    return int(bound) if isinstance(bound, bool) else None if isinstance(bound, float) and math.isinf(bound) else bound


def of_file(metadata: pq.FileMetaData, table: pa.Table, column_ids: Sequence[int], keys: Iterable[int] = ()) -> str:
    """The document for a file that was just written from `table`, whose columns have `column_ids`.

    It has the first columns that have an order, and those of `keys` wherever they stand.
    """
    wanted = set(keys)
    leaves = {metadata.schema.column(leaf).path: leaf for leaf in range(metadata.num_columns)}
    found: dict[int, Bounds] = {}
    for column_id, field in zip(column_ids, table.schema, strict=True):
        if _is_ordered(field.type) and (len(found) < MAX_COLUMNS or column_id in wanted):
            found[column_id] = _of_column(metadata, leaves[field.name], field.type, table.column(field.name))
    return text(found)


def _of_column(metadata: pq.FileMetaData, leaf: int, type_: pa.DataType, column: pa.ChunkedArray) -> Bounds:
    groups = [of_row_group(metadata, group, leaf, type_) for group in range(metadata.num_row_groups)]
    rows = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    valued = [group for group, count in zip(groups, rows, strict=True) if group.nulls != count]
    lows = [group.low for group in valued]
    highs = [group.high for group in valued]
    nulls = [group.nulls for group in groups]
    return Bounds(
        None if None in lows or not lows else _cut_down(min(lows)),  # type: ignore[type-var]
        None if None in highs or not highs else _cut_up(max(highs)),  # type: ignore[type-var]
        None if None in nulls else sum(nulls),  # type: ignore[arg-type]
        is_type.is_floating(type_) and bool(pc.any(pc.is_nan(column)).as_py()),
        bool(groups) and all(group.repeats for group in groups),
    )


def _cut_down(bound: Any) -> Any:
    return bound[:MAX_LENGTH] if isinstance(bound, str | bytes) else bound


def _cut_up(bound: Any) -> Any:
    """A bound that is no lower: the next text or bytes after all that begin like this one; None if there are none."""
    if not isinstance(bound, str | bytes) or len(bound) <= MAX_LENGTH:
        return bound
    for length in range(MAX_LENGTH, 0, -1):
        following = _following(bound[length - 1])
        if following is not None:
            return bound[: length - 1] + following
    return None


def _following(last: Any) -> Any:
    if isinstance(last, int):  # an item of bytes
        return bytes([last + 1]) if last < 255 else None
    code = ord(last) + 1
    return chr(0xE000 if 0xD800 <= code < 0xE000 else code) if code <= 0x10FFFF else None


def text(columns: dict[int, Bounds]) -> str:
    """The document that the catalog stores."""
    items = [
        [column_id, _encoded(each.low), _encoded(each.high), each.nulls, int(each.may_be_nan), int(each.repeats)]
        for column_id, each in columns.items()
    ]
    return json.dumps({'tag': 'stats', 'version': _VERSION, 'columns': items}, separators=(',', ':'))


def _encoded(bound: Scalar | None) -> Any:
    return {'hex': bound.hex()} if isinstance(bound, bytes) else bound


def _decoded(bound: Any) -> Any:
    return bytes.fromhex(bound['hex']) if isinstance(bound, dict) else bound


@functools.lru_cache(maxsize=8192)
def parse(document: str) -> dict[int, Bounds]:
    """The bounds by column id. Raises INVALID_CONFIGURATION for a document that this release cannot read."""
    try:
        body = json.loads(document)
        if (body['tag'], body['version']) != ('stats', _VERSION):
            raise ValueError('its version is unknown')
        return {
            column_id: Bounds(_decoded(low), _decoded(high), nulls, bool(may_be_nan), bool(repeats))
            for column_id, low, high, nulls, may_be_nan, repeats in body['columns']
        }
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(
            ErrorCode.INVALID_CONFIGURATION,
            f'The catalog holds the statistics {document[:80]!r}, which this release cannot read ({error}). Use a newer one, or '
            'pxt.repair() if they are damaged.',
        ) from error


def with_nan_of(group: Bounds, file: Bounds | None) -> Bounds:
    """The bounds of a row group of a file, which may be known to hold no NaN at all."""
    return replace(group, may_be_nan=group.may_be_nan and (file is None or file.may_be_nan))
