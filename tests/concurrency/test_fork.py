"""A forked child of a process that works with tables works with them too.

It must end as those of `multiprocessing` do, with `os._exit`: DuckDB does not survive the end of a forked interpreter.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import os, sys
import pixeltable as pxt

@pxt.udf
def tripled(n: int) -> int:
    return n * 3

pxt.init({'home': sys.argv[1], 'verbosity': 0, 'show_progress': False})
t = pxt.create_table('t', {'n': pxt.Int})
t.add_computed_column(triple=tripled(t.n))
t.insert([{'n': 1}])
t.where(t.n > 0).collect()
children = []
for number in range(2):
    child = os.fork()
    if child == 0:
        own = t if number else pxt.get_table('t')
        own.insert([{'n': 10 + number}])
        own.where(own.n > 0).collect()
        os._exit(0)
    children.append(child)
statuses = [os.waitpid(child, 0)[1] for child in children]
t.insert([{'n': 2}])
print(statuses, sorted(row['triple'] for row in t.where(t.n > 0).collect()))
"""


@pytest.mark.usefixtures('catalog_url')
def test_children_insert(tmp_path: Path) -> None:
    command = [sys.executable, '-W', 'error', '-c', SCRIPT, str(tmp_path / 'home')]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ('[0, 0] [3, 6, 30, 33]', '')
