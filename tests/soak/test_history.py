"""The checker itself: what must not be found right."""

from __future__ import annotations

import pytest
from soak_history import check_batches, check_observations, possible_batches

INSERTED = [{'do': 'insert', 'batch': 'a', 'size': 2}, {'done': 'a'}]
DELETED = [{'do': 'delete', 'batch': 'a'}, {'done': 'a'}]


def test_a_lost_batch() -> None:
    with pytest.raises(AssertionError, match='batch a'):
        check_batches([INSERTED], [])


def test_half_a_batch() -> None:
    with pytest.raises(AssertionError, match='batch a'):
        check_batches([INSERTED], [{'batch': 'a', 'n': 0}])


def test_a_batch_that_came_back() -> None:
    with pytest.raises(AssertionError, match='batch a'):
        check_batches([INSERTED + DELETED], [{'batch': 'a', 'n': 0}, {'batch': 'a', 'n': 1}])


def test_rows_of_nobody() -> None:
    with pytest.raises(AssertionError, match='nobody'):
        check_batches([INSERTED], [{'batch': 'b', 'n': 0}])


def test_an_update_that_was_made_twice() -> None:
    log = [*INSERTED, {'do': 'update', 'batch': 'a'}, {'done': 'a'}]
    with pytest.raises(AssertionError, match='batch a'):
        check_batches([log], [{'batch': 'a', 'n': 2000}, {'batch': 'a', 'n': 2001}])


def test_what_a_kill_cut_off_may_have_happened_or_not() -> None:
    assert possible_batches([*INSERTED, {'do': 'delete', 'batch': 'a'}]) == {'a': {(0, 1), None}}
    assert possible_batches([{'do': 'insert', 'batch': 'a', 'size': 1}]) == {'a': {(0,), None}}


def test_a_reader_that_saw_an_old_version() -> None:
    with pytest.raises(AssertionError, match='saw no version'):
        check_observations([{'seen': 'digest 1', 'before': 2, 'after': 3}], lambda version: f'digest {version}')
