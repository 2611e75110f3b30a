from __future__ import annotations

import itertools
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from pixeltable.exprs.expr import Expr
from pixeltable.functions import string
from pixeltable.udf.decorators import udf
from pixeltable.udf.fingerprint import expression_fingerprint, fingerprint

_BASE = """
    import math
    from pixeltable.udf.decorators import udf
    LIMIT = 3
    class Scale:
        def __init__(self): self.factor = 2
        def apply(self, x): return x * self.factor
    scale = Scale()
    def even(n): return n == 0 or odd(n - 1)
    def odd(n): return n != 0 and even(n - 1)
    def helper(x):
        return min(x, LIMIT)
    def unused(x):
        return x
    @udf
    def f(x: int, y: int = 1) -> float:
        return scale.apply(helper(x)) + math.sqrt(y) + even(x) + len([helper(i) for i in range(y)])
"""
_numbers = itertools.count()


def _load(tmp_path: Path, source: str) -> Any:
    file = tmp_path / f'fingerprinted_{next(_numbers)}.py'
    file.write_text(textwrap.dedent(source))
    names: dict[str, Any] = {'__name__': '__main__', '__file__': str(file)}
    exec(compile(file.read_text(), str(file), 'exec'), names)
    return names['f']


@pytest.mark.parametrize(
    ('old', 'new'),
    [
        ('x, LIMIT)', 'x,   LIMIT)  # the smaller'),
        ('    def helper(x):\n', '    def helper(x: int) -> int:\n        "Limits."\n'),
        ('return x\n', 'return x + 1\n'),
        ('    @udf\n', '    @udf(is_deterministic=True)\n'),
    ],
)
def test_what_does_not_change_a_fingerprint(tmp_path: Path, old: str, new: str) -> None:
    assert old in _BASE
    assert fingerprint(_load(tmp_path, _BASE)) == fingerprint(_load(tmp_path, _BASE.replace(old, new)))


@pytest.mark.parametrize(
    ('old', 'new'),
    [
        ('LIMIT = 3', 'LIMIT = 4'),
        ('min(x, LIMIT)', 'max(x, LIMIT)'),
        ('self.factor = 2', 'self.factor = 3'),
        ('x * self.factor', 'x / self.factor'),
        ('n != 0 and even', 'n == 1 or even'),
        ('y: int = 1', 'y: int = 2'),
        ('math.sqrt', 'math.exp'),
        ('x: int,', 'x: float,'),
    ],
)
def test_what_changes_a_fingerprint(tmp_path: Path, old: str, new: str) -> None:
    assert old in _BASE
    assert fingerprint(_load(tmp_path, _BASE)) != fingerprint(_load(tmp_path, _BASE.replace(old, new)))


def test_another_process_agrees(tmp_path: Path) -> None:
    script = tmp_path / 'script.py'
    script.write_text(
        textwrap.dedent(_BASE) + 'from pixeltable.udf.fingerprint import fingerprint\nprint(fingerprint(f))\n'
    )
    found = {
        subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True, timeout=60).stdout
        for _ in range(2)
    }
    assert found == {fingerprint(_load(tmp_path, _BASE)) + '\n'}


def test_a_version_stands_for_the_code(tmp_path: Path) -> None:
    versioned = _BASE.replace('@udf', "@udf(version='1')")
    first = fingerprint(_load(tmp_path, versioned))
    assert first == fingerprint(_load(tmp_path, versioned.replace('LIMIT = 3', 'LIMIT = 4')))
    assert first != fingerprint(_load(tmp_path, versioned.replace("'1'", "'2'")))


def test_closures_and_bound_constants() -> None:
    def make(offset: int) -> Any:
        @udf
        def f(x: int, y: int = 0) -> int:
            return x + offset + y

        return f

    assert fingerprint(make(1)) == fingerprint(make(1))
    assert fingerprint(make(1)) != fingerprint(make(2))
    assert fingerprint(make(1)) != fingerprint(make(1).using(y=1)) != fingerprint(make(1).using(y=2))


def test_without_source_the_bytecode_counts() -> None:
    def make(expression: str) -> Any:
        names: dict[str, Any] = {'udf': udf, '__name__': '__main__'}
        exec(f'@udf\ndef f(x: int) -> int:\n    return {expression}', names)
        return names['f']

    assert fingerprint(make('x + 1')) == fingerprint(make('x + 1'))
    assert fingerprint(make('x + 1')) != fingerprint(make('x + 2')) != fingerprint(make('x * 2'))


def test_counters_of_a_module_are_state_not_code(tmp_path: Path) -> None:
    source = """
        from pixeltable.udf.decorators import udf
        calls = 0
        @udf
        def f(x: int) -> int:
            global calls
            calls += 1
            return calls
    """
    function = _load(tmp_path, source)
    function.py_fn(x=1)
    assert fingerprint(function) == fingerprint(_load(tmp_path, source))


def test_expressions(text: Expr) -> None:
    def of(expression: Expr) -> str:
        return expression_fingerprint(expression.__pxt_node__)

    assert of(string.upper(text)) == of(string.upper(text))
    assert len({of(string.upper(text)), of(string.lower(text)), of(text), of(text + 'a'), of(text + 'b')}) == 5
