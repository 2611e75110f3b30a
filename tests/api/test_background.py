"""Jobs: what is computed in the background is what would have been computed at once."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pixeltable as pxt


def rows(*ks: int) -> list[dict[str, Any]]:
    return [{'k': k} for k in ks]


def values(t: pxt.Table, column: str) -> list[Any]:
    return t.order_by(t.k).select(v=t[column]).collect()['v']


def test_insert(numbers, calls) -> None:
    job = numbers.insert(rows(*range(10)), background=True)
    assert numbers.count() == 10
    status = job.result()
    assert (status.num_rows, status.num_computed_values, status.num_excs, status.operation) == (10, 20, 0, 'insert')
    assert values(numbers, 'y') == [1 + 10 * k for k in range(10)]
    assert calls.take() == [str(k) for k in range(10)]
    assert (job.status, job.progress, job.errors) == ('done', (20, 20), 0)
    assert repr(job) == f"Job {job.id}: insert into 'numbers': done, 20 of 20 cells"


def test_rows_appear_as_they_are_done(numbers, paused) -> None:
    numbers.insert(rows(*range(10)), background=True)
    assert [segment.rows for segment in numbers._source().contents.segments] == [4, 4, 2]
    versions = len(numbers.get_versions())
    paused()
    pxt.jobs()[0].wait()
    assert len(numbers.get_versions()) == versions + 3
    counts = [pxt.get_table(f'numbers:{v}').where(numbers.y > 0).count() for v in range(versions - 1, versions + 3)]
    assert sorted(counts) == counts
    assert (counts[0], counts[-1]) == (0, 10)


def test_a_new_column(numbers, calls) -> None:
    numbers.insert(rows(*range(6)))
    calls.take()
    job = numbers.add_computed_column(z=numbers.x * numbers.k, background=True)
    assert (job.result().updated_cols, job.operation) == (['numbers.z'], 'add column')
    numbers.insert(rows(6))
    assert values(numbers, 'z') == [10 * k * k for k in range(7)]
    assert calls.take() == ['6']


def test_what_begins_a_job_is_an_operation(numbers, paused) -> None:
    numbers.insert(rows(0))
    session = numbers._session
    outside = len(session.engine.context.operation.memory)
    begin = {
        'add column': lambda: numbers.add_computed_column(z=numbers.k, background=True),
        'recompute': lambda: numbers.recompute_columns('y', background=True),
    }
    for name, begun in begin.items():
        begun()
        assert session.last_operations[numbers._table_id].name == name
    assert len(session.engine.context.operation.memory) == outside


def test_a_new_column_over_pending_cells(numbers, paused, calls) -> None:
    numbers.insert(rows(*range(6)), background=True)
    job = numbers.add_computed_column(z=numbers.y * 2, background=True)
    paused()
    job.wait()
    assert values(numbers, 'z') == [2 * (10 * k + 1) for k in range(6)]
    for other in pxt.jobs():
        other.wait()
    assert calls.take() == [str(k) for k in range(6)]


def test_an_index(paused) -> None:
    @pxt.udf
    def embed(text: str) -> pxt.Array[(2,), pxt.Float]:
        return np.array([len(text), 1], dtype=np.float32)

    t = pxt.create_table('docs', {'text': pxt.String})
    t.insert({'text': 'a' * n} for n in range(1, 7))
    job = t.add_embedding_index('text', string_embed=embed, background=True)
    assert t.where(t.text_embedding.errortype == 'Pending').count() == 6
    paused()
    job.wait()
    assert t.order_by(t.text.similarity('aaaa'), asc=False).limit(1).select(t.text).collect()['text'] == ['aaaa']


def test_errors_are_cells_and_one_warning(numbers) -> None:
    job = numbers.insert(rows(12, 13, 14), background=True)
    with pytest.warns(pxt.PixeltableWarning, match='insert: 2 cells failed'):
        job.wait()
    assert (job.errors, job.result().cols_with_excs) == (2, ['numbers.x', 'numbers.y'])
    assert numbers.where(numbers.k == 13).select(e=numbers.y.errortype).collect()['e'] == ['InputError']


def test_the_first_error_may_end_it(numbers) -> None:
    job = numbers.insert(rows(13, 1), background=True, on_error='abort')
    with pytest.raises(pxt.RequestError, match='unlucky'):
        job.wait()
    assert job.status == 'failed'
    assert 'unlucky' in repr(job)
    assert numbers.where(numbers.x.errortype == 'Pending').count() == 2


def test_cancelling(numbers, paused) -> None:
    job = numbers.insert(rows(*range(6)), background=True)
    assert (job.cancel(), job.cancel(), job.status) == (True, False, 'cancelled')
    paused()
    assert job.wait()
    with pytest.raises(pxt.RequestError, match='cancelled after 0 of 12 cells'):
        job.result()
    assert numbers.where(numbers.x.errortype == 'Pending').count() == 6
    numbers.recompute_columns('x')
    assert values(numbers, 'y')[5] == 51


def test_cancelling_stops_the_calls(calls) -> None:
    path = calls.path

    @pxt.udf
    async def for_ever(k: int) -> int:
        import asyncio

        with open(path, 'a') as log:  # noqa: ASYNC230
            log.write(f'{k}\n')
        await asyncio.sleep(60)
        return k

    t = pxt.create_table('t', {'k': pxt.Int})
    t.add_computed_column(x=for_ever(t.k))
    job = t.insert(rows(1), background=True)
    while not Path(path).read_text():
        assert not job.wait(timeout=0.02)
    started = time.monotonic()
    job.cancel()
    t._session.workers.rest(0)
    while t._session.workers._holding._under_way and time.monotonic() < started + 5:
        time.sleep(0.02)
    assert time.monotonic() < started + 2


def test_waiting_from_two_places(numbers, paused) -> None:
    job = numbers.insert(rows(*range(9)), background=True)
    assert job.wait(timeout=0.05) is False
    paused()
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(pxt.get_job(job.id).result())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.num_computed_values for result in results] == [18, 18]


def test_another_session_takes_it_over(numbers, paused, reopen, calls) -> None:
    job = numbers.insert(rows(*range(5)), background=True)
    reopen()
    paused()
    (found,) = pxt.jobs()
    assert (found.id, found.table, found.operation, found.status) == (job.id, 'numbers', 'insert', 'queued')
    found.wait()
    assert calls.take() == ['0', '1', '2', '3', '4']
    assert values(pxt.get_table('numbers'), 'y')[4] == 41


def test_inserts_and_updates_meanwhile(numbers, paused, calls) -> None:
    job = numbers.insert(rows(*range(8)), background=True)
    numbers.update({'k': 20}, where=numbers.k == 2)
    numbers.delete(where=numbers.k == 5)
    numbers.insert(rows(9))
    numbers.rename_column('y', 'z')
    assert calls.take() == ['20', '9']
    paused()
    assert job.result().num_computed_values == 12
    assert calls.take() == ['0', '1', '3', '4', '6', '7']
    assert values(numbers, 'z') == [1, 11, 31, 41, 61, 71, 91, 201]


def test_a_writer_that_was_faster_costs_no_call(numbers, calls, monkeypatch) -> None:
    commit, left = type(numbers._session.catalog).commit, ['once']

    def late(self: Any, change: Any) -> Any:
        if change.operation == 'compute' and left:
            left.clear()
            numbers.update({'k': 50}, where=numbers.k == 1)
        return commit(self, change)

    monkeypatch.setattr(type(numbers._session.catalog), 'commit', late)
    numbers.insert(rows(0, 1, 2), background=True).wait()
    assert calls.take() == ['0', '1', '2', '50']
    assert values(numbers, 'y') == [1, 21, 501]
