"""Power losses during every operation: see `power_loss`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from homes import opened, watched
from power_loss import CHECKED, HOME, PowerLoss, Recorder, check_home, record
from scenarios import OPERATIONS, SCENARIOS, quiet

import pixeltable as pxt

Look = Callable[[str, Recorder, Callable[[Path, bool], None]], None]


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    quiet()
    for folder in ('disk', 'scratch'):
        (tmp_path / folder).mkdir()
    return Recorder(tmp_path / 'disk')


@pytest.fixture
def look(request: pytest.FixtureRequest, tmp_path: Path, record_property: Callable[[str, object], None]) -> Look:
    """Looks at all disks of what was recorded, or without `--slow` at some of them. The numbers end up in pytest's summary."""
    limit = None if request.config.getoption('--slow') else CHECKED

    def run(name: str, recorder: Recorder, check_kind: Callable[[Path, bool], None]) -> None:
        report = PowerLoss(recorder, tmp_path / 'scratch', check_kind).run(name, limit)
        record_property('summary', f'power loss, {name}: {report}')

    return run


@pytest.mark.parametrize('name', OPERATIONS)
def test_during_an_operation(name: str, tmp_path: Path, recorder: Recorder, look: Look) -> None:
    scenario, number = OPERATIONS[name]
    with watched(recorder), opened(tmp_path / 'disk' / HOME):
        record(recorder, scenario, number)
    look(name, recorder, partial(check_home, scenario, number))


def test_while_the_log_goes_into_the_database(tmp_path: Path, recorder: Recorder, look: Look) -> None:
    with watched(recorder), opened(tmp_path / 'disk' / HOME) as session:
        session.catalog._database.connection().command('PRAGMA wal_autocheckpoint=1')
        record(recorder, SCENARIOS['insert'], 1)
    look('checkpoint', recorder, partial(check_home, SCENARIOS['insert'], 1))


def test_while_a_home_is_closed(tmp_path: Path, recorder: Recorder, look: Look) -> None:
    with watched(recorder):
        with opened(tmp_path / 'disk' / HOME):
            record(recorder, SCENARIOS['insert'], 0)
            recorder.start()
        recorder.acknowledged()
    look('close', recorder, lambda home, _: check_home(SCENARIOS['insert'], 0, home, is_done=True))


def test_while_a_home_is_created(tmp_path: Path, recorder: Recorder, look: Look) -> None:
    recorder.start()
    with watched(recorder), opened(tmp_path / 'disk' / HOME):
        pxt.create_table('t', {'a': pxt.Int})
        recorder.acknowledged()

    def check_new(home: Path, is_done: bool) -> None:
        with opened(home):
            assert pxt.list_tables() in ([['t']] if is_done else [[], ['t']])
            pxt.create_table('t', {'a': pxt.Int}, if_exists='ignore').insert(a=1)
            assert pxt.get_table('t').collect()['a'] == [1]

    look('create home', recorder, check_new)
