"""The fields that a table's rows can be read as."""

from __future__ import annotations

from pixeltable.catalog.records import ROW_ID, Schema
from pixeltable.catalog.views import LEVEL
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name, property_field
from pixeltable.exprs.nodes import Field
from pixeltable.plan.logical import Part, ScanColumn
from pixeltable.types.column_type import INT, STRING, ColumnType

ERRORS = ('errortype', 'errormsg')
DETAILS = ('attempts', 'input', 'traceback')
"""Parts of errors that users cannot ask for as properties, and that not all files have."""

PENDING = {'errortype': 'Pending', 'errormsg': 'not computed yet'}
"""What the errors of a cell say that is yet to be computed. It is not stored: no file of its segment holds the column."""

ERROR_PARTS: dict[Part, ColumnType] = {
    'errortype': STRING,
    'errormsg': STRING,
    'attempts': INT,
    'input': INT,
    'traceback': STRING,
}


def is_unseen(schema: Schema, column_id: int) -> bool:
    """Whether a column holds media that are not looked at before they are read."""
    if column_id >= LEVEL:
        return schema.base is not None and is_unseen(schema.base, column_id - LEVEL)
    column = schema.by_id(column_id)
    if column is None or not column.type.is_media or column.is_computed:
        return False
    return (column.media.validation or schema.table.media_validation) == 'on_read'


def scan_columns(schema: Schema) -> dict[str, ScanColumn]:
    """By field: the row id, each stored column, and what is known of the errors of each that is computed or holds media.

    Those of a view are its own and all of its base.
    """
    found = [ScanColumn(Field(INT, ROW_ID_FIELD), ROW_ID)]
    for column in (*schema.columns, *schema.inherited):
        if not column.stored:
            continue
        may_fail = column.is_computed or column.type.is_media
        type_ = column.type.with_nullable(True) if may_fail else column.type
        found.append(ScanColumn(Field(type_, field_name(column.id)), column.id))
        for part, kind in ERROR_PARTS.items() if may_fail else ():
            field = Field(kind.with_nullable(True), property_field(column.id, part))
            found.append(ScanColumn(field, column.id, part))
    return {column.field.name: column for column in found}
