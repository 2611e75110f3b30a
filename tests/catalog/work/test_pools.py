from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from pixeltable._support.processes import this_process
from pixeltable.catalog.work.open import open_work
from pixeltable.catalog.work.pools import Member, PoolRecord, PoolTable

PROCESS = dataclasses.astuple(this_process())
ME = Member('me', *PROCESS, wanted=8, granted=4, seen_at=1.7e9)


@pytest.fixture
def table(home, catalog_url):
    home.mkdir()
    work = open_work(home, catalog_url)
    yield PoolTable(work)
    work.close()


def state(table, name='openai'):
    return table.change(name, lambda record, members: (record, members, (record, members)))


def put(table, record, members=()):
    table.change(record.name, lambda _record, _members: (record, members, None))


def test_a_pool_that_nobody_used_is_new(table) -> None:
    assert table.look('openai') == (0, 0)
    assert state(table) == (PoolRecord('openai'), [])


def test_what_is_written_is_read(table) -> None:
    record = PoolRecord('openai', generation=3, blocked_until=1.75e9 + 0.25, rate=12.5, history=((1_700_000_000, 7),))
    put(table, record, [ME])
    assert state(table) == (record, [ME])
    assert table.look('openai') == (3, 1.75e9 + 0.25)
    assert state(table, 'anthropic') == (PoolRecord('anthropic'), [])


def test_members_are_changed_and_removed(table) -> None:
    other = dataclasses.replace(ME, member='other')
    put(table, PoolRecord('openai'), [ME, other])
    put(table, PoolRecord('openai'), [dataclasses.replace(ME, granted=9)])
    assert state(table)[1] == [dataclasses.replace(ME, granted=9)]


def test_a_process_that_was_killed_is_no_member_any_more(table) -> None:
    script = (
        'import pixeltable._support.processes as p; p = p.this_process(); print(p.place, p.pid, p.started, sep="|")'
    )
    place, pid, started = subprocess.check_output([sys.executable, '-c', script], text=True).strip().split('|')
    if not place:
        pytest.skip('this system does not tell which processes run')
    put(table, PoolRecord('openai'), [ME, Member('killed', place, int(pid), started, granted=128, seen_at=1.7e9)])
    assert state(table)[1] == [ME]


def test_a_step_that_fails_changes_nothing(table) -> None:
    put(table, PoolRecord('openai', generation=1), [ME])
    with pytest.raises(ZeroDivisionError):
        table.change('openai', lambda record, members: (record, [], 1 / 0))
    assert state(table) == (PoolRecord('openai', generation=1), [ME])
