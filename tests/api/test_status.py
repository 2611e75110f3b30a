from __future__ import annotations

import re
import time
from collections import Counter

from pixeltable.api.status import RowCountStats, UpdateStatus
from pixeltable.exec.outcome import Outcome

INSERT = Outcome('insert', inserted=3, computed=6, failed=Counter({'summary': 1}))
UPDATE = Outcome('update', updated=2, computed=2, columns=['title', 'summary'])


def test_of_outcome() -> None:
    status = UpdateStatus.of(INSERT, 'd/docs', rows=[{'k': 1}])
    assert (status.num_rows, status.num_computed_values, status.num_excs) == (3, 6, 1)
    assert status.row_count_stats == RowCountStats(ins_rows=3, num_excs=1, computed_values=6)
    assert status.cols_with_excs == ['docs.summary']
    assert status.rows == [{'k': 1}]
    assert UpdateStatus.of(UPDATE, 'd/docs').updated_cols == ['docs.title', 'docs.summary']
    assert UpdateStatus.of(UPDATE, 'd/docs').pxt_rows_updated == 2


def test_repr() -> None:
    assert repr(UpdateStatus.of(INSERT, 'd/docs')) == 'insert: 3 rows, 6 computed cells, 1 error'
    assert repr(UpdateStatus.of(Outcome('delete', deleted=1), 'docs')) == 'delete: 1 row'
    assert repr(UpdateStatus()) == 'nothing: 0 rows'


def test_sum() -> None:
    both = UpdateStatus.of(INSERT, 'd/docs', rows=[{'k': 1}]) + UpdateStatus.of(UPDATE, 'd/docs')
    assert both.row_count_stats == RowCountStats(3, 0, 2, 1, 8)
    assert both.num_rows == 5
    assert both.updated_cols == ['docs.title', 'docs.summary']
    assert both.rows == [{'k': 1}]
    assert repr(both) == 'insert, update: 5 rows, 8 computed cells, 1 error'


def test_sum_with_nothing() -> None:
    status = UpdateStatus.of(INSERT, 'd/docs')
    assert status + UpdateStatus() == status
    assert (status + UpdateStatus()).rows is None


def test_derived_tables_count() -> None:
    status = UpdateStatus(row_count_stats=RowCountStats(ins_rows=1), cascade_row_count_stats=RowCountStats(ins_rows=4))
    assert status.num_rows == 5


def test_insert_msg() -> None:
    message = UpdateStatus.of(INSERT, 'd/docs').insert_msg(time.monotonic() - 2)
    assert re.fullmatch(r'Inserted 3 rows with 1 error in 2\.\d\d s \(\d rows/s\)', message)
