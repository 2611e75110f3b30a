"""Files that are edited while the program runs what they had before."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pixeltable.udf.fingerprint import fingerprint
from pixeltable.udf.function import Function

_numbers = itertools.count()
_CODE = """
from pixeltable.udf.decorators import udf

def helper(x):
    return [x + 1 for _ in 'a'][0]

@udf
def f(x: int) -> int:
    return helper(x)
"""


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], tuple[Path, Any]]]:
    """Gives a new module with `_CODE`, and its file."""
    monkeypatch.setattr(sys, 'dont_write_bytecode', True)
    monkeypatch.syspath_prepend(tmp_path)
    made: list[str] = []

    def load() -> tuple[Path, Any]:
        made.append(f'edited{next(_numbers)}')
        file = tmp_path / f'{made[-1]}.py'
        file.write_text(_CODE)
        importlib.invalidate_caches()
        return file, importlib.import_module(made[-1])

    yield load
    for name in made:
        sys.modules.pop(name)


def first_look(function: Function) -> str:
    """The fingerprint as a process computes it that has not asked for it before."""
    function.own_fingerprint = None
    return fingerprint(function)


@pytest.mark.parametrize(
    'text',
    [
        '# a comment\n\n' + _CODE,
        _CODE + 'def g(x):\n    return x\n',
        _CODE.replace('def helper', 'def g(x): pass\n\ndef helper'),
    ],
)
def test_code_that_only_moved_is_found(loaded: Callable[[], tuple[Path, Any]], text: str) -> None:
    file, module = loaded()
    before = fingerprint(module.f)
    file.write_text(text)
    assert first_look(module.f) == before


@pytest.mark.parametrize('text', [_CODE.replace('x + 1', 'x + 2'), _CODE.replace('helper', 'other'), 'def', ''])
def test_what_runs_is_not_taken_for_what_is_written_now(loaded: Callable[[], tuple[Path, Any]], text: str) -> None:
    file, module = loaded()
    before = fingerprint(module.f)
    file.write_text(text)
    running = first_look(module.f)
    assert running != before
    file.write_text(_CODE.replace('x + 1', 'x + 2'))
    importlib.reload(module)
    assert fingerprint(module.f) not in (before, running)


def test_a_file_that_is_gone(loaded: Callable[[], tuple[Path, Any]]) -> None:
    file, module = loaded()
    before = fingerprint(module.f)
    file.unlink()
    assert first_look(module.f) != before
