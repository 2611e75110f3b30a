"""The cells that failed. Reads the errors of a column from the segments that have some, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pixeltable.catalog.records import ColumnRecord
from pixeltable.exec.scan_columns import DETAILS, ERRORS
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import ROW_ID_FIELD, property_field
from pixeltable.storage.places import locate
from pixeltable.types import buffers

FIELDS = ('id', 'column', 'errortype', 'errormsg', 'attempts', 'input', 'traceback')


def failures(source: Source, columns: Sequence[ColumnRecord]) -> pa.Table:
    """The failed cells of `columns`, by column and row id, with the fields `FIELDS`."""
    names = {column.id: column.name for column in source.schema.columns}
    types = [pa.int64(), pa.string(), pa.string(), pa.string(), pa.int64(), pa.string(), pa.string()]
    schema = pa.schema(list(zip(FIELDS, types, strict=True)))
    tables = [buffers.no_rows(schema)]
    for column in columns:
        for parts in _failed(source, column, (*ERRORS, *DETAILS)):
            inputs = [names.get(each) for each in parts.column('input').to_pylist()]
            arrays = {
                **{name: parts.column(name) for name in parts.column_names},
                'id': parts.column(ROW_ID_FIELD),
                'column': buffers.strings([column.name] * parts.num_rows),
                'input': buffers.strings(inputs),
            }
            tables.append(pa.table([arrays[name] for name in FIELDS], schema=schema))
    found = pa.concat_tables(tables)
    order = {column.name: number for number, column in enumerate(columns)}
    places = buffers.integers([order[name] for name in found.column('column').to_pylist()])
    keys = [('place', 'ascending'), ('id', 'ascending')]
    return found.append_column('place', places).sort_by(keys).drop_columns(['place'])


def count_failures(source: Source, column: ColumnRecord) -> Counter[str]:
    """How many cells of a column failed, by the type of the error."""
    counts: Counter[str] = Counter()
    for found in _failed(source, column, ERRORS[:1]):
        counts.update(found.column(ERRORS[0]).to_pylist())
    return counts


def _failed(source: Source, column: ColumnRecord, parts: Sequence[str]) -> Iterator[pa.Table]:
    """The row ids and parts of the errors of the cells that failed, segment by segment."""
    fields = [ROW_ID_FIELD, *(property_field(column.id, part) for part in parts)]
    for index, segment in enumerate(source.contents.segments):
        if -column.id in locate(segment):
            table = source.read_segment(index, segment, fields).rename_columns([ROW_ID_FIELD, *parts])
            found = table.filter(pc.is_valid(table.column(ERRORS[0])))
            if found.num_rows:
                yield found
