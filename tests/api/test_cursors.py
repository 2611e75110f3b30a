from __future__ import annotations

import os
import subprocess
import sys

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode


@pxt.udf
def reciprocal(x: int) -> float:
    return 1 / x


def test_rows_one_after_another(t) -> None:
    with t.where(t.k > 1).select(t.k, up=t.s.upper()).cursor() as rows:
        assert rows.schema == {'k': 'Int', 'up': 'String'}
        assert list(rows) == [{'k': 2, 'up': 'C'}, {'k': 3, 'up': 'D'}, {'k': 4, 'up': 'E'}]
        assert next(rows, None) is None


def test_tables_and_columns_have_cursors(t) -> None:
    assert [row['s'] for row in t.cursor()] == list('abcde')
    assert [row['s'] for row in t.s.cursor()] == list('abcde')


def test_an_empty_result(t) -> None:
    assert list(t.where(t.k > 99).cursor()) == []


def test_it_sees_the_table_as_it_was(t) -> None:
    cursor = t.cursor()
    assert next(cursor)['k'] == 0
    t.delete()
    assert [row['k'] for row in cursor] == [1, 2, 3, 4]


def test_many_rows_in_chunks(t) -> None:
    t.insert({'k': k, 's': 'x'} for k in range(5, 3000))
    assert [row['k'] for row in t.cursor()] == list(range(3000))


def test_failed_cells_say_why(t) -> None:
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(r=reciprocal(t.k))
    first, second, *_ = t.select(t.k, t.r).cursor()
    assert first == {'k': 0, 'r': None}
    assert first.errors['r'].errortype == 'ZeroDivisionError'
    assert second.errors == {}


def test_a_row_as_json(t) -> None:
    row = next(t.cursor())
    assert row.to_json() == {'k': 0, 's': 'a', 'f': 0.0}


def test_a_cursor_is_read_once(t) -> None:
    cursor = t.cursor().open()
    with pytest.raises(pxt.RequestError) as caught:
        cursor.open()
    assert caught.value.error_code is ErrorCode.INVALID_STATE
    cursor.close()
    cursor.close()
    with pytest.raises(pxt.RequestError) as caught:
        list(cursor)
    assert caught.value.error_code is ErrorCode.INVALID_STATE


def test_opening_runs_the_query(t) -> None:
    with pytest.raises(pxt.RequestError, match='ZeroDivisionError'):
        t.select(reciprocal(t.k)).cursor().open()


def test_grouped_and_distinct_queries(t) -> None:
    t.add_computed_column(even=t.k % 2)
    assert len(list(t.select(t.even).distinct().cursor())) == 2
    rows = t.group_by(t.even).select(t.even, n=pxt.functions.count(t.k)).order_by(t.even).cursor()
    assert list(rows) == [{'even': 0, 'n': 3}, {'even': 1, 'n': 2}]


MEMORY = """
import resource, sys
import numpy as np
import pyarrow as pa
import pixeltable as pxt
t = pxt.create_table('t', {'x': pxt.Int, 's': pxt.String})
for part in range(int(sys.argv[1])):
    xs = np.arange(part * 500_000, (part + 1) * 500_000)
    t.insert(pa.table({'x': xs, 's': [f'{x:0120d}' for x in xs]}))
def memory():
    return int(open('/proc/self/statm').read().split()[1]) * resource.getpagesize()
before = most = memory()
with t.where(t.x % 3 > 0).select(t.x, t.s.upper()).cursor() as rows:
    for number, row in enumerate(rows):
        if number % 10_000 == 0:
            most = max(most, memory())
print(most - before >> 20)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path) -> None:
    def megabytes(parts: int) -> int:
        environment = os.environ | {'PIXELTABLE_HOME': str(tmp_path / str(parts)), 'PIXELTABLE_VERBOSITY': '0'}
        command = [sys.executable, '-c', MEMORY, str(parts)]
        return int(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)

    assert megabytes(5) < megabytes(2) + 100  # the rows that are more take 180 MB


def test_a_cursor_that_was_read_is_not_read_again(home) -> None:
    t = pxt.create_table('once', {'k': pxt.Int})
    t.insert(k=1)
    cursor = t.cursor()
    assert [row['k'] for row in cursor] == [1]
    with pytest.raises(pxt.RequestError) as caught:
        list(cursor)
    assert caught.value.error_code is pxt.ErrorCode.INVALID_STATE
