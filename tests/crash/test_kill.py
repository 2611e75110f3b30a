"""`kill -9` at any moment: what was acknowledged is there, what was not is there wholly or not at all, and work goes on."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from scenarios import SCENARIOS

KILLS = int(os.environ.get('CRASH_KILLS', '6'))
"""Random kills of each scenario."""

EVERYWHERE = ('insert', 'add_column', 'compaction', 'vacuum')
"""Killed at every point; `tests/simulation` has all points of all scenarios."""

IN_THE_STORE = ('before the content', 'before the rename', 'after the rename', 'after the put')
IN_THE_CATALOG = ('before the commit', 'after the commit')


@pytest.mark.parametrize('scenario', SCENARIOS)
def test_kill_at_random_moments(victim: Any, dice: random.Random) -> None:
    for _ in range(KILLS):
        victim.die(delay=dice.uniform(0, 0.12))
    victim.go_on()


@pytest.mark.parametrize('scenario', EVERYWHERE)
@pytest.mark.parametrize('point', IN_THE_STORE + IN_THE_CATALOG)
def test_kill_exactly(victim: Any, point: str) -> None:
    for times in (1, 2):
        victim.die(fault=(point, times))
        victim.go_on()
