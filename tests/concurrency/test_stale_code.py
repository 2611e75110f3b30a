"""One process goes on inserting with the old code while another computes what is stale with the new one."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ready import Program

import pixeltable as pxt

CODE = 'import pixeltable as pxt\n@pxt.udf\ndef f(k: int) -> int:\n    return k * 10\n'
ROWS = 20
INSERT = f"""
import pixeltable as pxt
t = pxt.get_table('t')
for k in range(100, {100 + ROWS}):
    t.insert(k=k)
"""


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of a module `shared_code`."""
    folder = tmp_path / 'code'
    folder.mkdir()
    (folder / 'shared_code.py').write_text(CODE)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, 'dont_write_bytecode', True)
    yield folder / 'shared_code.py'
    sys.modules.pop('shared_code', None)


def test_all_cells_are_of_the_new_code_in_the_end(home: Path, code: Path) -> None:
    shared_code = importlib.import_module('shared_code')
    t = pxt.create_table('t', {'k': pxt.Int})
    t.add_computed_column(x=shared_code.f(t.k))
    t.add_computed_column(y=t.x + 1)
    t.insert({'k': k} for k in range(20))
    environment = os.environ | {
        'PIXELTABLE_HOME': str(home),
        'PIXELTABLE_VERBOSITY': '0',
    }
    script = code.with_name('writer.py')
    script.write_text(f"import shared_code, sys; print('ready', flush=True); sys.stdin.readline()\n{INSERT}")
    writer = Program(script, environment=environment)
    assert writer.stdout.readline() == 'ready\n'
    code.write_text(CODE.replace('k * 10', 'k * 1000'))
    importlib.reload(shared_code)
    writer.stdin.write('go\n')
    writer.stdin.flush()
    while writer.poll() is None:
        t.recompute_columns(only='stale')
    errors = writer.communicate()[1]
    assert writer.returncode == 0, errors
    t.recompute_columns(only='stale')
    assert (len(t.stale()), t.count()) == (0, 20 + ROWS)
    assert [row for row in t.collect() if row['y'] != row['k'] * 1000 + 1] == []
    assert t.recompute_columns(only='stale').num_rows == 0
