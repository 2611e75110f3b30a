"""Code that changes between processes: each opens the table with the module as its file is then."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from ready import Program

CODE = """
import pixeltable as pxt

def helper(k):
    return k + 1

@pxt.udf
def f(k: int) -> int:
    return helper(k)
"""
MAKE = """
import pixeltable as pxt
import mine
t = pxt.create_table('t', {'k': pxt.Int})
t.add_computed_column(x=mine.f(t.k))
t.add_computed_column(y=t.x * 2)
t.insert([{'k': k} for k in range(3)])
"""
LOOK = """
import pixeltable as pxt
t = pxt.get_table('t')
print(t.where(t.k > 0).collect()['y'])
print([(row['column'], row['cells'], row['reason']) for row in t.stale()])
print(*(line for line in repr(t).splitlines() if 'cannot' in line))
t.update({'k': t.k}, where=t.k == 100)
try:
    t.insert(k=-5)
    t.delete(t.k == -5)
    print('inserted')
except pxt.Error as error:
    print(error.error_code.name, error)
"""


@pytest.fixture(scope='module')
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str | None], list[str]]:
    """Runs a program in a process of its own, with the module `mine` as given; gives the lines that it prints.

    All see one home, in which `MAKE` has run. What is printed of it does not depend on what they insert.
    """
    folder = tmp_path_factory.mktemp('edited')
    file, script = folder / 'code' / 'mine.py', folder / 'code' / 'program.py'
    file.parent.mkdir()
    environment = os.environ | {
        'PIXELTABLE_HOME': str(folder / 'home'),
        'PIXELTABLE_VERBOSITY': '0',
    }

    def start(program: str, code: str | None) -> list[str]:
        if code is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(code)
        script.write_text(f'import sys\nsys.dont_write_bytecode = True\n{program}')
        process = Program(script, environment=environment)
        output, errors = process.communicate()
        assert process.returncode == 0, errors
        return output.splitlines()

    start(MAKE, CODE)
    return start


def test_a_comment_changes_nothing(run) -> None:
    assert run(LOOK, CODE.replace('def helper', '# helps\ndef helper'))[1:] == ['[]', '', 'inserted']


def test_a_helper_is_edited(run) -> None:
    values, stale, _, inserted = run(LOOK, CODE.replace('k + 1', 'k + 2'))
    assert (values, inserted) == ('[4, 6]', 'inserted')
    assert stale == "[('x', 3, 'dependency'), ('y', 3, 'input')]"


@pytest.mark.parametrize(
    ('code', 'words'),
    [
        (None, "the module 'mine' cannot be imported"),
        (CODE.replace('k: int)', 'text: str)'), "its signature has changed: the parameter 'k' is gone"),
    ],
    ids=['no module', 'another signature'],
)
def test_a_function_that_is_not_there_any_more(run, code: str | None, words: str) -> None:
    values, stale, described, inserted = run(LOOK, code)
    assert values == '[4, 6]'
    assert stale == "[('x', 3, 'missing function')]"
    assert described.startswith('x')
    assert inserted.startswith(
        "FUNCTION_NOT_FOUND column 'x' of 't' cannot be computed: the function mine.f cannot be loaded: "
    )
    assert words in inserted


OPEN = """
import warnings
import pixeltable as pxt
with warnings.catch_warnings(record=True) as found:
    warnings.simplefilter('always')
    pxt.get_table('t')
    pxt.get_table('t')
print(*(each.message for each in found if each.category is pxt.PixeltableWarning))
"""


def test_opening_a_table_says_which_columns_cannot_be_computed(run) -> None:
    assert run(OPEN, CODE) == ['']
    (told,) = run(OPEN, CODE.replace('k: int)', 'text: str)'))
    assert told.startswith("column 'x' of 't' cannot be computed: ")
    assert told.count('its signature has changed') == 1
