"""What stays flat: 100,000 inserts of one row, many writers, ten million rows, a thousand tables; each figure beside its target.

    .venv/bin/python benchmarks/run.py singles writers large tables

About five minutes on two quiet cores; `run.py` starts each part in a process and a home of its own. Times are wall-clock times of
this machine and this moment; a busy one multiplies all of them.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

import measure
from measure import once

import pixeltable as pxt

SINGLES = int(os.environ.get('BENCH_SINGLES', '100000'))
LARGE = int(os.environ.get('BENCH_LARGE', '10000000'))
TABLES = int(os.environ.get('BENCH_TABLES', '1000'))
VERSIONS = int(os.environ.get('BENCH_VERSIONS', '100000'))
WRITES = 4000
EDGE = 1000
"""So many inserts at the start are compared with as many at the end."""

OPEN = """
import json, sys, time
import pixeltable as pxt
pxt.init, pxt.get_table  # what a program that has used the package before has loaded
def run(home, path):
    started = time.perf_counter()
    pxt.init({'pixeltable.home': home, 'pixeltable.verbosity': 0})
    t = pxt.get_table(path)
    assert len(t.where(t.key == 0).collect()) == 1
    return (time.perf_counter() - started) * 1000
print(json.dumps(run(sys.argv[1], sys.argv[2])))
"""


def init(home: Path) -> None:
    """Opens `home`, quietly."""
    pxt.init({'pixeltable.home': home, 'pixeltable.verbosity': 0, 'pixeltable.show_progress': False})


def singles(home: Path) -> None:
    """Ever more inserts of one row into one table."""
    t = pxt.create_table('singles', measure.SCHEMA)
    times = [once(lambda i=i: t.insert(measure.rows(1, i))) * 1000 for i in range(SINGLES)]
    first, last = sum(times[:EDGE]) / EDGE, sum(times[-EDGE:]) / EDGE
    lines = [
        ['median', f'{median(times):.3f} ms', '0.6 ms'],
        ['99 of 100 within', f'{sorted(times)[len(times) * 99 // 100]:.2f} ms', ''],
        [f'mean of the first {EDGE:,}', f'{first:.3f} ms', ''],
        [f'mean of the last {EDGE:,}', f'{last:.3f} ms', f'{1.5 * first:.3f} ms'],
    ]
    measure.show(f'{SINGLES:,} inserts of one row', ['', 'measured', 'target'], lines)


def _write(name: str, count: int) -> None:
    t = pxt.get_table(name)
    for i in range(count):
        t.insert(measure.rows(1, i))


def _write_elsewhere(home: Path, name: str, count: int, together: Any) -> None:
    init(home)
    pxt.get_table(name).count()
    together.wait()
    _write(name, count)
    together.wait()  # the end of the interpreter is not measured


def writers(home: Path) -> None:
    """Single rows from many writers at once, all into one table."""
    rates = {}
    for count in (1, 8):
        name = f'threads{count}'
        pxt.create_table(name, measure.SCHEMA)
        threads = [threading.Thread(target=_write, args=(name, WRITES // count)) for _ in range(count)]
        rates[f'{count} thread{"s" * (count > 1)}'] = WRITES / once(lambda ts=threads: _together(ts))
    for count in (1, 4):
        name = f'processes{count}'
        pxt.create_table(name, measure.SCHEMA)
        context = multiprocessing.get_context('spawn')
        together = context.Barrier(count + 1)
        args = (home, name, WRITES // count, together)
        processes = [context.Process(target=_write_elsewhere, args=args) for _ in range(count)]
        for process in processes:
            process.start()
        together.wait()
        rates[f'{count} process{"es" * (count > 1)}'] = WRITES / once(together.wait)
        _joined(processes)
    lines = [[name, f'{rate:,.0f} rows/s', ''] for name, rate in rates.items()]
    lines[1][2], lines[3][2] = (f'{rate:,.0f} rows/s' for rate in (rates['1 thread'], rates['1 process']))
    measure.show('Inserts of one row by many writers', ['', 'measured', 'target'], lines)


def _together(threads: Iterable[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    _joined(threads)


def _joined(started: Iterable[Any]) -> None:
    for each in started:
        each.join()


def large(home: Path) -> None:
    """A table of ten million rows."""
    script = Path(__file__).with_name('large.py')

    def run(part: str) -> Any:
        command = [sys.executable, str(script), part, str(home / 'large'), str(LARGE)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout.splitlines()[-1])

    found = run('ingest')
    lines = [
        ['ingest from an Arrow reader', f'{found["rows_per_second"]:,.0f} rows/s', '', '1,500,000 rows/s'],
        ['memory above the start', f'{found["memory"]:,.0f} MiB', '', '600 MiB'],
    ]
    targets = {
        'count': 2,
        'filter by key range to 10 rows': 30,
        'group by text into 50 and sum': 300,
        'group by key % 100 and sum': 300,
        'update one row': 30,
        'add a column': 20,
        'rename a column': 20,
        'restore': 20,
    }
    for name, (first, later) in (run('query') | run('change')).items():
        target = f'{targets[name]} ms' if name in targets else ''
        lines.append([name, f'{later:,.1f} ms', f'{first:,.1f} ms', target])
    measure.show(f'{LARGE:,} rows of 6 columns', ['', 'median', 'first call', 'target'], lines)


def tables(home: Path) -> None:
    """Many tables with many versions: what has to be read before the first row."""
    made = [pxt.create_table(f'many{number}', measure.SCHEMA) for number in range(TABLES)]
    for number in range(VERSIONS - TABLES):
        made[number % TABLES].insert(measure.rows(1, number // TABLES))
    times = []
    for number in range(9):
        command = [sys.executable, '-c', OPEN, str(home), f'many{number}']
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        times.append(json.loads(done.stdout.splitlines()[-1]))
    lines = [['open and run the first query', f'{median(times):.0f} ms', '150 ms']]
    measure.show(f'{TABLES:,} tables with {VERSIONS:,} versions', ['', 'measured', 'target'], lines)


PARTS = {'singles': singles, 'writers': writers, 'large': large, 'tables': tables}


def main() -> None:
    """Runs the part `argv[1]` in the home `argv[2]`."""
    part, home = sys.argv[1], Path(sys.argv[2])
    init(home)
    PARTS[part](home)


if __name__ == '__main__':
    main()
