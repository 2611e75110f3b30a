"""How jobs end, and mistakes in what is asked of them."""

from __future__ import annotations

from typing import Any

import pytest

import pixeltable as pxt


def rows(*ks: int) -> list[dict[str, Any]]:
    return [{'k': k} for k in ks]


def values(t: pxt.Table, column: str) -> list[Any]:
    return t.order_by(t.k).select(v=t[column]).collect()['v']


def test_a_table_that_is_dropped(numbers, paused) -> None:
    job = numbers.insert(rows(1), background=True)
    pxt.drop_table('numbers')
    paused()
    with pytest.raises(pxt.NotFoundError, match='does not exist'):
        job.wait()


def test_nothing_to_do() -> None:
    t = pxt.create_table('plain', {'k': pxt.Int})
    job = t.insert(rows(1, 2), background=True)
    assert (job.status, job.progress, t.count()) == ('done', (0, 0), 2)
    assert t.insert(iter(()), background=True).result().num_rows == 0
    t.add_computed_column(x=t.k + 1)
    assert t.add_computed_column(x=t.k + 2, if_exists='ignore', background=True).status == 'done'


def test_mistakes(numbers) -> None:
    with pytest.raises(pxt.NotFoundError, match='no job 12345') as caught:
        pxt.get_job(12345)
    assert caught.value.error_code is pxt.ErrorCode.JOB_NOT_FOUND
    with pytest.raises(pxt.RequestError, match='leave out return_rows'):
        numbers.insert(rows(1), background=True, return_rows=True)
    assert pxt.jobs() == []
