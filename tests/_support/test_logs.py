from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixeltable._support.logs import HomeLog, log


@pytest.fixture
def seen() -> Iterator[io.StringIO]:
    """What a program sees that has a handler for everything."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def home_log(tmp_path: Path) -> Iterator[HomeLog]:
    made = HomeLog(tmp_path, 'INFO')
    yield made
    made.close()


def written(tmp_path: Path) -> str:
    path = tmp_path / 'pixeltable.log'
    return path.read_text() if path.exists() else ''


def test_the_program_sees_what_it_would_see_without_the_file(home_log, seen, tmp_path) -> None:
    log.debug('details')
    log.info('an insert')
    log.warning('a failed cell')
    assert seen.getvalue() == 'a failed cell\n'
    assert 'INFO' in written(tmp_path)
    assert 'an insert' in written(tmp_path)
    assert 'details' not in written(tmp_path)


def test_the_level_that_the_program_sets_holds(home_log, seen, tmp_path) -> None:
    log.setLevel(logging.DEBUG)
    log.debug('details')
    home_log.close()
    assert log.level == logging.DEBUG
    log.setLevel(logging.NOTSET)
    assert seen.getvalue() == 'details\n'
    assert 'details' not in written(tmp_path)


def test_closing_leaves_the_logger_as_it_was(tmp_path) -> None:
    before = log.level, log.propagate, list(log.handlers)
    first, second = HomeLog(tmp_path / 'a', 'INFO'), HomeLog(tmp_path / 'b', 'DEBUG')
    log.debug('details')
    first.close()
    second.close()
    second.close()
    assert (log.level, log.propagate, list(log.handlers)) == before
    assert written(tmp_path / 'a') == ''
    assert 'details' in written(tmp_path / 'b')


def test_off_changes_nothing(tmp_path, seen) -> None:
    made = HomeLog(tmp_path, 'OFF')
    log.warning('a failed cell')
    made.close()
    assert seen.getvalue() == 'a failed cell\n'
    assert written(tmp_path) == ''
