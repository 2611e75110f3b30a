from __future__ import annotations

import threading
import uuid
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from pixeltable.errors import ErrorCode, InternalError, RequestError
from pixeltable.exec.relational import Relational


@pytest.fixture
def relational():
    made = Relational(ZoneInfo('UTC'))
    yield made
    made.close()


def rows(relational, sql, *tables) -> list[dict]:
    return pa.Table.from_batches(relational.run(sql, tables)).to_pylist()


def test_several_tables_are_one_input(relational) -> None:
    parts = [pa.table({'a': [1, 2]}), pa.table({'a': pa.array([], pa.int64())}), pa.table({'a': [3]})]
    assert rows(relational, 'SELECT sum(a)::BIGINT AS s FROM input', *parts) == [{'s': 6}]


def test_empty_input_and_empty_result(relational) -> None:
    empty = pa.table({'a': pa.array([], pa.int64())})
    assert rows(relational, 'SELECT a + 1 AS b FROM input', empty) == []
    (batch,) = relational.run('SELECT a, a > 1 AS b FROM input WHERE a > 9', [pa.table({'a': [1]})])
    assert (batch.num_rows, batch.schema.names) == (0, ['a', 'b'])
    with pytest.raises(InternalError):
        rows(relational, 'SELECT 1')


def test_half_precision_vectors_pass_through(relational) -> None:
    values = pa.array(np.arange(4, dtype=np.float16))
    table = pa.table({'e': pa.FixedSizeListArray.from_arrays(values, 2), 'k': [1, 2]})
    assert rows(relational, 'SELECT e FROM input WHERE k = 2', table) == [{'e': [2.0, 3.0]}]


def test_uuids_stay_uuids(relational) -> None:
    values = [uuid.UUID(int=2**127 + 1), None, uuid.UUID(int=0)]
    table = pa.table({'u': pa.array([value and value.bytes for value in values], pa.uuid()), 'k': [1, 2, 3]})
    (batch,) = relational.run('SELECT u FROM input ORDER BY k DESC', [table])
    assert batch.schema.field('u').type == pa.uuid()
    assert batch.column(0).to_pylist() == values[::-1]
    assert rows(relational, 'SELECT u FROM input WHERE k > 9', table) == []


def test_a_value_that_fails_is_ours(relational) -> None:
    with pytest.raises(RequestError, match=r'(?i)overflow|out of range') as caught:
        rows(relational, 'SELECT a * 4 FROM input', pa.table({'a': [2**62]}))
    assert caught.value.error_code is ErrorCode.UNSUPPORTED_OPERATION


def test_a_source_that_fails_keeps_its_error(relational) -> None:
    def source():
        yield pa.table({'a': [1]})
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'the source failed')

    with pytest.raises(RequestError, match='the source failed'):
        list(relational.run('SELECT a FROM input', source()))
    assert rows(relational, 'SELECT a FROM input', pa.table({'a': [5]})) == [{'a': 5}]


def test_threads_do_not_see_each_others_input(relational) -> None:
    def work(number: int) -> None:
        for _ in range(20):
            found.append(
                rows(relational, 'SELECT max(a) AS m FROM input', pa.table({'a': [number]})) == [{'m': number}]
            )

    found: list[bool] = []
    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80


def many(parts: int):
    """More tables than are read before the statement starts."""
    for part in range(parts):
        yield pa.table({'a': np.arange(part * 100_000, (part + 1) * 100_000), 'u': pa.nulls(100_000, pa.uuid())})


def test_large_results_come_while_they_are_made(relational) -> None:
    pulled = 0

    def tables():
        nonlocal pulled
        for table in many(60):
            pulled += 1
            yield table

    result = relational.run('SELECT a + 1 AS b, u FROM input WHERE a % 2 = 0', tables())
    first = next(result)
    assert first.column('b')[0].as_py() == 1
    assert first.schema.field('u').type == pa.uuid()
    assert pulled < 50
    assert rows(relational, 'SELECT 1 AS x FROM input', pa.table({'a': [1]})) == [{'x': 1}]  # in between
    assert first.num_rows + sum(batch.num_rows for batch in result) == 3_000_000


def test_a_large_result_may_be_empty(relational) -> None:
    (batch,) = relational.run('SELECT a, u FROM input WHERE a < 0', many(4))
    assert (batch.num_rows, batch.schema.names) == (0, ['a', 'u'])


def test_what_the_input_raises_arrives_as_it_is(relational) -> None:
    class Stop(BaseException):
        pass

    def tables():
        yield from many(4)
        raise Stop

    with pytest.raises(Stop):
        list(relational.run('SELECT sum(a) AS s FROM input', tables()))


def test_a_bad_value_in_a_stream_is_a_request_error(relational) -> None:
    with pytest.raises(RequestError, match='the query failed on a value'):
        list(relational.run('SELECT (a * 1e300 * 1e300)::BIGINT AS b FROM input', many(4)))
