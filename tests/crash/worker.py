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
import warnings
from collections.abc import Callable
from typing import Any

import duckdb  # noqa: F401  what a child would otherwise import itself, each time
import pyarrow as pa
import pyarrow.parquet
from scenarios import SCENARIOS, recovered

import pixeltable as pxt
import pixeltable.api.tables
import pixeltable.io.sources  # noqa: F401
from pixeltable.catalog.database import Connection
from pixeltable.storage import flush, segments
from pixeltable.storage.objects import local


def say(text: object) -> None:
    os.write(1, f'{text}\n'.encode())


segments.INLINE_BYTES = 2 << 10
flush.MAX_INLINED = 2


def run(job: dict[str, Any]) -> None:
    warnings.simplefilter('ignore', pxt.PixeltableWarning)  # about the cells that fail here on purpose
    pxt.init({'home': job['home'], 'verbosity': 0, 'show_progress': False})
    scenario = SCENARIOS[job['scenario']]
    if job['do'] == 'prepare':
        scenario.prepare()
    elif job['do'] == 'check':
        say(recovered(scenario, job['acknowledged']))
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
        concerned = name != 'command' or args[1] == 'COMMIT'
        if is_before and concerned:
            reached()
        result = original(*args, **kwargs)
        if not is_before and concerned:
            reached()
        return result

    setattr(owner, name, dying)


POINTS: dict[str, tuple[Any, str, bool]] = {
    'before the content': (local, '_write_and_sync', True),
    'before the rename': (local, '_write_and_sync', False),
    'after the rename': (local.os, 'rename', False),
    'after the put': (local.LocalStore, 'put', False),
    'before the commit': (Connection, 'command', True),
    'after the commit': (Connection, 'command', False),
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
