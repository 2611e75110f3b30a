"""Imports of the user's own modules, at the top and inside functions, and modules that change while the program runs."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from pixeltable.udf.fingerprint import fingerprint, is_unchanged

_numbers = itertools.count()
_HELPERS = 'PROMPT = "a"\n\ndef norm(x):\n    return x\n'
_FUNCTION = (
    'from pixeltable.udf.decorators import udf\n{top}\n\n@udf\ndef f(x: int) -> int:\n    {inside}\n    return {body}\n'
)

Load = Callable[[str, str], ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Writes a new package with `helpers`, `deep.helpers` and `main`, of which it gives the last one."""
    monkeypatch.setattr(sys, 'dont_write_bytecode', True)
    monkeypatch.syspath_prepend(tmp_path)
    made: list[str] = []

    def write(function: str, helpers: str) -> ModuleType:
        name = f'referenced{next(_numbers)}'
        made.append(name)
        for folder in (tmp_path / name, tmp_path / name / 'deep'):
            folder.mkdir()
            (folder / '__init__.py').touch()
            (folder / 'helpers.py').write_text(helpers)
        (tmp_path / name / 'main.py').write_text(function.replace('PACKAGE', name))
        importlib.invalidate_caches()
        return importlib.import_module(f'{name}.main')

    yield write
    for module in [each for each in sys.modules if each.partition('.')[0] in made]:
        del sys.modules[module]


@pytest.mark.parametrize(
    ('top', 'inside', 'body'),
    [
        ('from PACKAGE.helpers import norm', 'pass', 'norm(x)'),
        ('from .helpers import norm', 'pass', 'norm(x)'),
        ('from PACKAGE import helpers', 'pass', 'helpers.norm(x)'),
        ('import PACKAGE.helpers', 'pass', 'PACKAGE.helpers.norm(x)'),
        ('import PACKAGE.deep.helpers as h', 'pass', 'h.norm(x)'),
        ('', 'from PACKAGE.helpers import norm', 'norm(x)'),
        ('', 'from PACKAGE.helpers import norm as n, PROMPT', 'n(x)'),
        ('', 'from .helpers import norm', 'norm(x)'),
        ('', 'from . import helpers', 'helpers.norm(x)'),
        ('', 'from .deep import helpers', '[helpers.norm(x) for _ in "a"][0]'),
        ('', 'import PACKAGE.helpers', 'PACKAGE.helpers.norm(x)'),
        ('', 'import PACKAGE.deep.helpers', 'PACKAGE.deep.helpers.norm(x)'),
        ('', 'import PACKAGE.deep.helpers as h', 'h.norm(x)'),
        ('', 'import PACKAGE.helpers as h', '(lambda: h.norm(x))()'),
        ('from PACKAGE import helpers', 'pass', 'getattr(helpers, "norm")(x)'),
        ('', 'from PACKAGE import helpers; h = helpers', 'h.norm(x)'),
    ],
)
def test_helpers_are_found(load: Load, top: str, inside: str, body: str) -> None:
    function = _FUNCTION.format(top=top, inside=inside, body=body)
    module = load(function, _HELPERS)
    assert module.f.py_fn(x=1) == 1
    # Each load is a package of another name, which the source of the function names too.
    same, changed = (load(function, text) for text in (_HELPERS + '# same\n', _HELPERS.replace('x\n', 'x + 1\n')))
    if 'PACKAGE' not in inside + body:
        assert fingerprint(module.f) == fingerprint(same.f)
    assert fingerprint(changed.f) not in (fingerprint(module.f), fingerprint(same.f))


@pytest.mark.parametrize('inside', ['pass', 'import numpy.random as r; r.seed', 'from nothing_like_this import x'])
def test_libraries_and_missing_modules_are_names(load: Load, inside: str) -> None:
    function = _FUNCTION.format(top='', inside=inside, body='x')
    assert fingerprint(load(function, _HELPERS).f) == fingerprint(load(function, _HELPERS).f)


def test_a_helper_is_edited_and_reloaded(load: Load, tmp_path: Path) -> None:
    module = load(_FUNCTION.format(top='from . import helpers', inside='pass', body='helpers.norm(x)'), _HELPERS)
    first = fingerprint(module.f)
    assert is_unchanged(module.f)
    Path(str(module.helpers.__file__)).write_text(_HELPERS.replace('x\n', 'x + 1\n'))
    importlib.reload(module.helpers)
    assert not is_unchanged(module.f)
    assert fingerprint(module.f) != first


def test_a_global_is_set_anew(load: Load) -> None:
    module = load(_FUNCTION.format(top='LIMIT = "a"', inside='pass', body='len(LIMIT)'), _HELPERS)
    first = fingerprint(module.f)
    module.LIMIT = 'b'
    assert fingerprint(module.f) != first
    module.LIMIT = 'a'
    assert fingerprint(module.f) == first


def test_bound_constants_follow_the_code(load: Load) -> None:
    module = load(_FUNCTION.format(top='LIMIT = "a"', inside='pass', body='len(LIMIT)'), _HELPERS)
    bound = module.f.using(x=3)
    first = fingerprint(bound)
    module.LIMIT = 'b'
    assert not is_unchanged(bound)
    assert fingerprint(bound) != first
