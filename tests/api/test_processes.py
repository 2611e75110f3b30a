"""What one process makes, another opens: scripts, interactive sessions, functions defined in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MAKE = """
import pixeltable as pxt

PREFIX = 'no. '

def label(k):
    return PREFIX + str(k)

@pxt.udf
def numbered(k: int) -> str:
    return label(k)

t = pxt.create_table('t', {'k': pxt.Int})
t.add_computed_column(n=numbered(t.k))
t.insert([{'k': 1}, {'k': 2}])
"""
USE = """
import pixeltable as pxt

t = pxt.get_table('t')
t.insert([{'k': 3}])
print(t.collect()['n'])
"""


def python(home: Path, *arguments: str, given: str | None = None) -> str:
    environment = os.environ | {
        'PIXELTABLE_HOME': str(home),
        'PIXELTABLE_VERBOSITY': '0',
        'PIXELTABLE_SHOW_PROGRESS': '0',
    }
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize('how', ['script', 'command', 'interactive'])
def test_a_function_of_main_is_used_by_another_process(tmp_path, how) -> None:
    script = tmp_path / 'make.py'
    script.write_text(MAKE)
    if how == 'script':
        python(tmp_path / 'home', str(script))
        script.unlink()
    elif how == 'command':
        python(tmp_path / 'home', '-c', MAKE)
    else:
        python(
            tmp_path / 'home',
            '-i',
            given=MAKE.replace('\n\n', '\n').replace('\n@', '\n\n@').replace('\nt =', '\n\nt ='),
        )
    assert python(tmp_path / 'home', '-c', USE) == "['no. 1', 'no. 2', 'no. 3']\n"


def test_two_processes_insert_at_once(tmp_path) -> None:
    python(tmp_path / 'home', '-c', "import pixeltable as pxt; pxt.create_table('t', {'k': pxt.Int})")
    insert = "import pixeltable as pxt; t = pxt.get_table('t')\nfor n in range(40): t.insert(k=n)"
    environment = os.environ | {'PIXELTABLE_HOME': str(tmp_path / 'home'), 'PIXELTABLE_VERBOSITY': '0'}
    running = [subprocess.Popen([sys.executable, '-c', insert], env=environment) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    read = (
        "import pixeltable as pxt; t = pxt.get_table('t'); print(sorted(t.collect()['k']) == sorted([*range(40)] * 2))"
    )
    assert python(tmp_path / 'home', '-c', read) == 'True\n'
