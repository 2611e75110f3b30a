"""Writers, readers, a backfiller, a compactor and a follower as processes on one home, killed at random.

About thirty seconds on each database; `SOAK_SECONDS` makes it longer, `SOAK_SEED` repeats the choices.
"""

from __future__ import annotations

import functools
import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ready import Program
from soak_history import check_batches, check_observations, entries
from soak_worker import digest

import pixeltable as pxt

SCRIPT = Path(__file__).with_name('soak_worker.py')
TEAM = {'w1': 'writer', 'w2': 'writer', 'r1': 'reader', 'b1': 'backfiller', 'm1': 'maintainer', 'f1': 'follower'}
SECONDS = float(os.environ.get('SOAK_SECONDS', '30'))


class Team:
    """The processes. One that is killed is started again under its name."""

    def __init__(self, settings: dict[str, Any], dice: random.Random) -> None:
        self._settings, self._dice = settings, dice
        self.kills = 0
        self._members = {name: self._start(name) for name in TEAM}

    def _start(self, name: str) -> Program:
        seed = str(self._dice.randrange(1 << 32))
        return Program(SCRIPT, json.dumps(self._settings), TEAM[name], name, seed, strict=True)

    def kill_one(self) -> None:
        """Also finds out that one ended by itself, which none may."""
        name = self._dice.choice(list(TEAM))
        process = self._members[name]
        assert process.stdout.readline() == 'ready\n', self._output(name)
        time.sleep(self._dice.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        errors = self._output(name)
        assert process.returncode == -signal.SIGKILL, errors
        self.kills += 1
        self._members[name] = self._start(name)

    def stop(self) -> None:
        for name in TEAM:
            errors = self._output(name)
            assert self._members[name].returncode == 0, f'{name}: {errors}'

    def _output(self, name: str) -> str:
        return self._members[name].communicate(timeout=120)[1]


@pytest.fixture
def dice() -> random.Random:
    seed = int(os.environ.get('SOAK_SEED', random.SystemRandom().randrange(1 << 32)))
    print(f'SOAK_SEED={seed}')  # noqa: T201
    return random.Random(seed)


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


def test_killed_processes_leave_a_serial_history(
    home: Path,
    reopen: Callable[[], None],
    tmp_path: Path,
    dice: random.Random,
    record_property: Callable[[str, object], None],
) -> None:
    t = pxt.create_table('t', {'owner': pxt.String, 'batch': pxt.String, 'n': pxt.Int})
    t.add_computed_column(double=t.n * 2)
    (tmp_path / 'soak').mkdir()
    init = {'home': str(home), 'verbosity': 0, 'show_progress': False}
    team = Team({'init': init, 'folder': str(tmp_path / 'soak')}, dice)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        team.kill_one()
    (tmp_path / 'soak' / 'stop').touch()
    team.stop()
    reopen()
    record_property('summary', f'soak: {team.kills} kills, {check(tmp_path / "soak")}')


def check(folder: Path) -> str:
    """Returns how much there was to check."""
    t = pxt.get_table('t')
    logs = {path.stem: entries(path) for path in folder.glob('*.log')}
    digest_of = functools.cache(lambda version: digest(t.at(version)))
    seen = sum(check_observations(log, digest_of) for log in logs.values())
    rows = list(t.select(t.batch, t.n, t.double, row_id=t.id).collect())
    batches = check_batches([logs['w1'], logs['w2']], rows)
    assert all(row['double'] == 2 * row['n'] for row in rows)
    assert all(entry.get('wrong', 0) == 0 for entry in logs['b1'])
    check_follower(t, folder)
    assert pxt.verify().ok
    return f'{t.get_versions(1)[0]["version"]} versions, {seen} observations, {batches} batches'


def check_follower(t: Any, folder: Path) -> None:
    """After catching up, it has what the table has."""
    path = folder / 'followed.json'  # on a slow machine it may always be killed before it came that far
    state = json.loads(path.read_text()) if path.exists() else {'cursor': None, 'rows': {}}
    for change in t.changes(since=state['cursor']):
        if change['change'] == 'deleted':
            del state['rows'][str(change['id'])]
        else:
            state['rows'].setdefault(str(change['id']), {}).update(change['after'])
    found = {str(row['row_id']): row['n'] for row in t.select(t.n, row_id=t.id).collect()}
    assert {row_id: row['n'] for row_id, row in state['rows'].items()} == found
