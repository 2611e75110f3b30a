"""Functions that fail: what is kept, how it is found, and how it is mended."""

from __future__ import annotations

import json

import pytest

import pixeltable as pxt

pytestmark = pytest.mark.filterwarnings('ignore::pixeltable.errors.PixeltableWarning')

BROKEN = {'now': True}


@pxt.udf
def parse(text: str) -> dict:
    return json.loads(text)


@pxt.udf
def flaky(n: int) -> int:
    if BROKEN['now'] and n % 2:
        raise RuntimeError(f'odd {n}')
    return n * 10


@pytest.fixture
def jobs(home, monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    monkeypatch.setitem(BROKEN, 'now', True)
    jobs = pxt.create_table('jobs', {'n': pxt.Int, 'text': pxt.String})
    jobs.insert({'n': n, 'text': '{bad' if n == 2 else f'{{"a": {n}}}'} for n in range(5))
    with pytest.raises(pxt.Error, match='JSONDecodeError'):
        jobs.add_computed_column(parsed=parse(jobs.text), on_error='abort')
    assert jobs.columns() == ['n', 'text']
    jobs.add_computed_column(parsed=parse(jobs.text), on_error='ignore')
    jobs.add_computed_column(a=jobs.parsed.a, on_error='ignore')
    status = jobs.add_computed_column(f=flaky(jobs.n), on_error='ignore')
    jobs.add_computed_column(g=jobs.f + 1, on_error='ignore')
    assert (status.num_rows, status.num_excs, status.cols_with_excs) == (5, 2, ['jobs.f'])
    return jobs


def test_failures_are_found(jobs: pxt.Table) -> None:
    failed = jobs.where((jobs.f.errortype != None) | (jobs.parsed.errortype != None))  # noqa: E711
    rows = failed.order_by(jobs.n).select(jobs.n, jobs.f.errormsg, jobs.parsed.errortype, jobs.g).collect()
    assert [tuple(row.values()) for row in rows] == [
        (1, 'odd 1', None, None),
        (2, None, 'JSONDecodeError', 21),
        (3, 'odd 3', None, None),
    ]


def test_failures_are_mended(jobs: pxt.Table) -> None:
    BROKEN['now'] = False
    assert jobs.recompute_columns('f', errors_only=True).num_rows == 2
    assert jobs.order_by(jobs.n).collect()['g'] == [1, 11, 21, 31, 41]
    jobs.update({'text': '{"a": 22}'}, where=jobs.n == 2)
    assert jobs.where(jobs.n == 2).select(jobs.a, jobs.parsed.errortype).collect()[0] == {
        'a': 22,
        'parsed_errortype': None,
    }
    assert jobs.recompute_columns(jobs.parsed, errors_only=True).num_rows == 0


def test_nothing_is_left_of_what_stops(jobs: pxt.Table) -> None:
    with pytest.raises(pxt.Error, match='odd 7'):
        jobs.insert([{'n': 6, 'text': '{}'}, {'n': 7, 'text': '{}'}], on_error='abort')
    assert jobs.count() == 5
    version = jobs.get_versions(1)[0]['version']
    with pytest.raises(pxt.Error, match=r"'g'"):
        jobs.drop_column('f')
    assert jobs.get_versions(1)[0]['version'] == version
