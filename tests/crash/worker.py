"""Imports the library once and forks a child for each job, so that a kill costs milliseconds.

Jobs come as lines of JSON on standard input; children answer on standard output: `ready`, a number for each acknowledged
operation, `state n`; the worker adds `pid n` and `exit status`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401  what a child would otherwise import itself, each time
import pyarrow as pa
import pyarrow.parquet

sys.path.insert(0, str(Path(__file__).parents[1]))
from scenarios import SCENARIOS, SETTINGS, SMALL_LIMITS, quiet, state

import pixeltable as pxt
import pixeltable.api.tables
import pixeltable.io.sources  # noqa: F401
from pixeltable._support.disk import Disk
from pixeltable.catalog.connection import Connection
from pixeltable.storage.objects.local import LocalStore


def say(text: object) -> None:
    os.write(1, f'{text}\n'.encode())


for owner, name, value in SMALL_LIMITS:
    setattr(owner, name, value)


def run(job: dict[str, Any]) -> None:
    quiet()
    pxt.init({'home': job['home'], **SETTINGS})
    scenario = SCENARIOS[job['scenario']]
    if job['do'] == 'prepare':
        scenario.prepare()
    elif job['do'] == 'check':
        say(f'state {state(scenario, job["acknowledged"], may_be_next=True)}')
    else:
        if job['fault']:
            die_at(*job['fault'])
        say('ready')
        for number in range(job['start'], job['start'] + job['operations']):
            scenario.do(number)
            say(number + 1)


def die_at(point: str, times: int) -> None:
    """Makes this process kill itself when it comes to `point` for the given time."""
    left = [times]

    def reached() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    owner, name, is_before = POINTS[point]
    original: Callable[..., Any] = getattr(owner, name)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if is_before:
            reached()
        result = original(*args, **kwargs)
        if not is_before:
            reached()
        return result

    setattr(owner, name, staticmethod(dying) if isinstance(vars(owner)[name], staticmethod) else dying)


POINTS: dict[str, tuple[Any, str, bool]] = {
    'before the content': (LocalStore, '_write_and_sync', True),
    'before the rename': (LocalStore, '_write_and_sync', False),
    'after the rename': (Disk, 'rename', False),
    'after the put': (LocalStore, 'put', False),
    'before the commit': (Connection, '_commit', True),
    'after the commit': (Connection, '_commit', False),
}


def main() -> None:
    pa.array([1])  # imports pandas, if there is one
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 0
            try:
                run(json.loads(line))
            except BaseException:  # noqa: BLE001
                traceback.print_exc()
                status = 1
            sys.stderr.flush()
            os._exit(status)
        say(f'pid {child}')
        _, status = os.waitpid(child, 0)
        say(f'exit {os.waitstatus_to_exitcode(status)}')


main()
