"""Which stored columns make up the fields that a scan asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pixeltable.exec.scan_columns import ERRORS
from pixeltable.plan.logical import POSITION, ScanColumn
from pixeltable.storage.read_columns import DICTIONARY, ERROR_DETAILS, ERROR_TYPE, ReadColumn
from pixeltable.storage.read_columns import POSITION as POSITION_COLUMN
from pixeltable.types.arrow import storage_type


@dataclass(frozen=True, slots=True)
class Reading:
    """The stored columns that make up some fields; `is_plain` if they are the fields just as they are read."""

    columns: tuple[ReadColumn, ...]
    schema: pa.Schema
    is_plain: bool
    has_errors: bool

    @staticmethod
    def of(
        columns: Mapping[str, ScanColumn], fields: Sequence[str], schema: pa.Schema, dictionaries: Collection[str]
    ) -> Reading:
        """What has to be read for `fields`, which have the types of `schema`."""
        wanted: dict[str, ReadColumn] = {}
        for name in fields:
            if name == POSITION:
                wanted[POSITION] = ReadColumn(POSITION_COLUMN, POSITION, pa.int64())
                continue
            column = columns[name]
            if column.part == 'value':
                type_ = DICTIONARY if name in dictionaries else storage_type(column.field.type)
                wanted[name] = ReadColumn(column.column_id, name, type_)
            elif column.part in ERRORS:
                wanted[f'e{column.column_id}'] = ReadColumn(-column.column_id, f'e{column.column_id}', ERROR_TYPE)
            else:
                wanted[f'd{column.column_id}'] = ReadColumn(-column.column_id, f'd{column.column_id}', ERROR_DETAILS)
        is_plain = POSITION not in wanted and tuple(wanted) == tuple(fields)
        has_errors = any(column.type is ERROR_TYPE for column in wanted.values())
        return Reading(tuple(wanted.values()), schema, is_plain, has_errors)
