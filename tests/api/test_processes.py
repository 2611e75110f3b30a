"""What one process makes, another opens: scripts, interactive sessions, functions defined in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ready import Program, printed, script

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


CREATE = "import pixeltable as pxt; pxt.create_table('t', {'k': pxt.Int})"
INSERT = "import pixeltable as pxt; t = pxt.get_table('t')\nfor n in range(40): t.insert(k=n)"
READ = "import pixeltable as pxt; t = pxt.get_table('t'); print(sorted(t.collect()['k']) == sorted([*range(40)] * 2))"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        'PIXELTABLE_HOME': str(tmp_path / 'home'),
        'PIXELTABLE_VERBOSITY': '0',
        'PIXELTABLE_SHOW_PROGRESS': '0',
    }


@pytest.mark.parametrize('how', ['script', 'command', 'interactive'])
def test_a_function_of_main_is_used_by_another_process(environment, how) -> None:
    if how == 'script':
        file = script(MAKE)
        printed(file, environment=environment)
        file.unlink()
    else:
        typed = MAKE.replace('\n\n', '\n').replace('\n@', '\n\n@').replace('\nt =', '\n\nt =')
        arguments, given = (['-c', MAKE], None) if how == 'command' else (['-i'], typed)
        command = [sys.executable, *arguments]
        done = subprocess.run(command, env=environment, input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert printed(script(USE), environment=environment) == "['no. 1', 'no. 2', 'no. 3']\n"


def test_two_processes_insert_at_once(environment) -> None:
    printed(script(CREATE), environment=environment)
    running = [Program(script(INSERT), environment=environment) for _ in range(2)]
    said = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert printed(script(READ), environment=environment) == 'True\n'
