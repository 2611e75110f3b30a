"""What a fingerprint is made of, so that a change can be told in words."""

from __future__ import annotations

import itertools
import textwrap
from pathlib import Path
from typing import Any

import pytest

from pixeltable.exec.codes import changed, reason, words
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.types.column_type import INT
from pixeltable.udf.parts import Parts, parts_of

_numbers = itertools.count()
_CODE = """
from pixeltable.udf.decorators import udf
MODEL = 'small'
KEY = 'hunter2'
class Scale:
    factor = 2
    def apply(self, x): return x * self.factor
def norm(x, low=0): return max(x, low)
@udf
def f(x: int, times: int = 1, model: str = 'one') -> str:
    return f'{model} {norm(Scale().apply(x)) * times} {MODEL} {len(KEY)}'
"""


def parts(folder: Path, source: str = _CODE, **constants: Any) -> Parts:
    file = folder / f'parts_{next(_numbers)}.py'
    file.write_text(textwrap.dedent(source))
    names: dict[str, Any] = {'__name__': '__main__', '__file__': str(file)}
    exec(compile(file.read_text(), str(file), 'exec'), names)
    return parts_of(names['f'](Expr(Field(INT, 'c1')), **constants).__pxt_node__)


@pytest.mark.parametrize(
    ('old', 'new', 'why', 'told'),
    [
        ("'one'", "'two'", 'model', "f(model) changed from 'one' to 'two'"),
        ("'small'", "'large'", 'model', "MODEL, which it reads, changed from 'small' to 'large'"),
        ("'hunter2'", "'secret'", 'dependency', 'KEY, which it reads, changed'),
        ('factor = 2', 'factor = 3', 'dependency', 'its class Scale changed'),
        ('x * self', '2 * x * self', 'dependency', 'its helper Scale.apply() changed'),
        ('max(x', 'min(x', 'dependency', 'its helper norm() changed'),
        ('low=0', 'low=1', 'dependency', 'its helper norm() changed'),
        ('times: int = 1', 'times: int = 2', 'code', 'f(times) changed'),
        ("f'{model} {", "f'{model}: {", 'code', 'f() changed'),
        ('x: int,', 'x: float,', 'code', 'the signature of f() changed'),
        ('@udf', "@udf(version='1')", 'code', 'the version of f() is new'),
    ],
)
def test_changes_in_words(tmp_path: Path, old: str, new: str, why: str, told: str) -> None:
    assert old in _CODE
    before, now = parts(tmp_path), parts(tmp_path, _CODE.replace(old, new))
    keys = changed(before, now)
    assert reason(keys) == why
    assert told in words(keys, before, now)


def test_nothing_changed(tmp_path: Path) -> None:
    assert changed(parts(tmp_path), parts(tmp_path, _CODE + '# the end\n')) == []


def test_constants_of_a_call(tmp_path: Path) -> None:
    before, now = parts(tmp_path, model='one'), parts(tmp_path, model='two')
    assert changed(before, now) == ['argument f(model)']


def test_no_value_is_kept_but_names_of_models_and_versions(tmp_path: Path) -> None:
    found = parts(tmp_path, _CODE.replace('@udf', "@udf(version='v 1')")) | parts(tmp_path)
    assert 'hunter2' not in str(found)
    assert found['version f()'] == "'v 1'"


def test_code_that_is_not_remembered() -> None:
    assert words([], None, {}) == 'the code changed'
    assert reason(changed(None, {'function f()': '1'})) == 'code'


def test_many_changes_are_counted(tmp_path: Path) -> None:
    other = _CODE.replace('max(', 'min(').replace('x * ', '').replace("'hunter2'", "'x'").replace('{len', ' {len')
    before, now = parts(tmp_path), parts(tmp_path, other)
    assert words(changed(before, now), before, now).endswith(' and 1 more')
