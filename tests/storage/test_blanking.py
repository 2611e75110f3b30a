from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pixeltable.catalog.records import ROW_ID, StoredColumn
from pixeltable.storage.blanking import blanked, row_ids
from pixeltable.storage.read_columns import ERROR_TYPE, ReadColumn

COLUMNS = [
    StoredColumn(ROW_ID, '_rowid'),
    StoredColumn(1, 'key'),
    StoredColumn(2, 'x'),
    StoredColumn(3, 'v', 'code'),
    StoredColumn(-3, '_error_v'),
]
TABLE = pa.table(
    {
        '_rowid': pa.array([7, 9, 4], pa.int64()),
        'key': ['a', 'b', 'c'],
        'x': pa.array([1, None, 3], pa.int64()),
        'v': pa.array([[1, 2], None, [5, 6]], pa.list_(pa.float16(), 2)),
        '_error_v': pa.array([None, {'errortype': 'E', 'errormsg': 'b'}, None], ERROR_TYPE),
    }
)


def read(bench: Any, file: Any) -> pa.Table:
    segment = bench.segment(file, rows=3, first_id=None, id_range=(4, 9))
    wanted = [ReadColumn(column.column_id, column.name, TABLE.schema.field(column.name).type) for column in COLUMNS]
    return bench.store.read(segment, wanted)


@pytest.mark.parametrize('inline', [True, False])
def test_values_go_and_rows_stay(bench: Any, inline: bool) -> None:
    file = bench.write(TABLE, COLUMNS, inline=inline)
    segment = bench.segment(file, rows=3, first_id=None, id_range=(4, 9))
    new = bench.record(blanked(bench.store, 'tables/t/', segment, file, np.array([0, 1]), ()))
    assert (new.columns, new.path is None) == (file.columns, inline)
    assert new.path is None or new.path != file.path
    table = read(bench, new)
    assert table.column('_rowid').to_pylist() == [7, 9, 4]
    assert table.column('key').to_pylist() == [None, None, 'c']
    assert table.column('v').to_pylist() == [None, None, [5, 6]]
    assert table.column('_error_v').null_count == 3
    assert row_ids(bench.store, segment).tolist() == [7, 9, 4]


def test_what_readers_take_never_to_be_null_is_that_of_another_row(bench: Any) -> None:
    file = bench.write(TABLE, COLUMNS)
    segment = bench.segment(file, rows=3, first_id=None, id_range=(4, 9))
    new = bench.record(blanked(bench.store, 'tables/t/', segment, file, np.array([1]), {1}))
    assert read(bench, new).select(['key', 'x']).to_pydict() == {'key': ['a', 'a', 'c'], 'x': [1, None, 3]}
