"""A function that takes 20 ms, with the local executor and on a Ray cluster of one node on the same machine.

Part `ray` of run.py. Both sides run in processes of their own; the first rows, for which workers start, are not
measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import measure
from measure import once

import pixeltable as pxt

ROWS = 16_384
SECONDS = 0.02


@pxt.udf
def waiting(x: int) -> int:
    time.sleep(SECONDS)
    return x


def ray(home: Path) -> None:
    """The rates of both executors."""
    with tempfile.TemporaryDirectory(prefix='ray', dir='/tmp') as folder:  # the paths of Ray's sockets may not be long
        tool = Path(sys.executable).with_name('ray')
        quiet = ('--include-dashboard=false', '--disable-usage-stats', '--object-store-memory=100000000')
        environment = os.environ | {'PYTHONPATH': os.pathsep.join(sys.path), 'RAY_USAGE_STATS_ENABLED': '0'}
        start = [
            str(tool),
            'start',
            '--head',
            '--port=0',
            f'--temp-dir={folder}',
            f'--num-cpus={os.cpu_count()}',
            *quiet,
        ]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, env=environment)
        try:
            local, remote = (_rate(home / name, name) for name in ('local', 'ray'))
        finally:
            subprocess.run([str(tool), 'stop', '--force'], check=False, stdout=subprocess.DEVNULL)
    lines = [
        ['local', f'{local:,.0f} rows/s', '', ''],
        ['Ray', f'{remote:,.0f} rows/s', f'{remote / local:.0%}', '80 %'],
    ]
    measure.show(f'A function of 20 ms over {ROWS:,} rows', ['', 'measured', 'of the local one', 'target'], lines)


def _rate(home: Path, executor: str) -> float:
    """Rows a second with this executor."""
    done = subprocess.run(
        [sys.executable, __file__, str(home), executor], check=True, stdout=subprocess.PIPE, text=True
    )
    return ROWS / float(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Prints the seconds that adding a column takes with the executor `argv[2]`."""
    settings = {'home': sys.argv[1], 'executor': sys.argv[2], 'verbosity': 0, 'show_progress': False}
    pxt.init({f'pixeltable.{name}': value for name, value in settings.items()})
    for name, rows in (('warm', ROWS // 2), ('t', ROWS)):
        t = pxt.create_table(name, {'x': pxt.Int})
        t.insert([{'x': x} for x in range(rows)])
        seconds = once(lambda t=t: t.add_computed_column(y=waiting(t.x)))
    print(json.dumps(seconds))


PARTS: dict[str, Callable[[Path], None]] = {'ray': ray}

if __name__ == '__main__':
    if sys.argv[1] in PARTS:
        PARTS[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
