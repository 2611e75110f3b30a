"""What of the code that a function reads counts: each pair of texts is one edit of one program."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from pixeltable.udf.fingerprint import fingerprint

_numbers = itertools.count()
_HEAD = 'import dataclasses, enum, functools, os, re, string, sys, types\nfrom pixeltable.udf.decorators import udf\n'


def load(folder: Path, source: str) -> Any:
    """The function `f` of a program."""
    file = folder / f'described_{next(_numbers)}.py'
    file.write_text(_HEAD + textwrap.dedent(source))
    names: dict[str, Any] = {'__name__': '__main__', '__file__': str(file)}
    exec(compile(file.read_text(), str(file), 'exec'), names)
    return names['f']


SEEN = {
    'a method': ('class A:\n    def m(self): return 1\n', 'A().m()', 'return 1', 'return 2'),
    'a class attribute': ('class A:\n    prompt = "a"\n', 'A.prompt', '"a"', '"b"'),
    'a base class': ('class A:\n    def m(self): return 1\nclass B(A): pass\n', 'B().m()', 'return 1', 'return 2'),
    'a metaclass': ('class M(type):\n    n = 1\nclass A(metaclass=M): pass\n', 'A.n', 'n = 1', 'n = 2'),
    'a static method': ('class A:\n    @staticmethod\n    def m(): return 1\n', 'A.m()', 'return 1', 'return 2'),
    'a constructor': ('class A:\n    def __new__(cls): return 1\n', 'A()', 'return 1', 'return 2'),
    'a property': ('class A:\n    @property\n    def m(self): return 1\n', 'A().m', 'return 1', 'return 2'),
    'a cached property': (
        'class A:\n    @functools.cached_property\n    def m(self): return 1\n',
        'A().m',
        'return 1',
        'return 2',
    ),
    'a dataclass': ('@dataclasses.dataclass\nclass A:\n    x: int = 1\n', 'A().x', '= 1', '= 2'),
    'a dataclass with slots': ('@dataclasses.dataclass(slots=True)\nclass A:\n    x: int = 1\n', 'A().x', '= 1', '= 2'),
    'a default factory': (
        '@dataclasses.dataclass\nclass A:\n    x: int = dataclasses.field(default_factory=lambda: 1)\n',
        'A().x',
        'lambda: 1',
        'lambda: 2',
    ),
    'slots': ('class A:\n    __slots__ = ("x",)\n    def __init__(self): self.x = V\nV = 1\na = A()\n', 'a.x', 'V = 1', 'V = 2'),
    'a text of a class of its own': ('class P(str): pass\nPROMPT = P("a")\n', 'PROMPT', '"a"', '"b"'),
    'a list of a class of its own': (
        'class L(list):\n    def m(self): return 1\nl = L()\n',
        'l.m()',
        'return 1',
        'return 2',
    ),
    'a lambda': ('g = lambda: 1\n', 'g()', 'lambda: 1', 'lambda: 2'),
    'a nested function': ('def g():\n    def h(): return 1\n    return h()\n', 'g()', 'return 1', 'return 2'),
    'a comprehension': ('def g(i): return 1\n', '[g(i) for i in range(2)]', 'return 1', 'return 2'),
    'a decorator': (
        'def plus(n):\n    def wrap(g):\n        @functools.wraps(g)\n        def w(*a): return g(*a) + n\n'
        '        return w\n    return wrap\n@plus(1)\ndef g(): return 0\n',
        'g()',
        '@plus(1)',
        '@plus(2)',
    ),
    'what is decorated': (
        'def same(g):\n    @functools.wraps(g)\n    def w(*a): return g(*a)\n    return w\n@same\ndef g(): return 1\n',
        'g()',
        'return 1',
        'return 2',
    ),
    'a decorator that is a class': (
        'class D:\n    def __init__(self, g, n=1):\n        functools.update_wrapper(self, g)\n        self.n = n\n'
        '    def __call__(self): return self.n\n@D\ndef g(): return 0\n',
        'g()',
        'n=1',
        'n=2',
    ),
    'arguments of a decorator inside': (
        'def d(n): return lambda g: g\ndef g():\n    @d(1)\n    def h(): return 0\n    return h()\n',
        'g()',
        '@d(1)',
        '@d(2)',
    ),
    'a cached function': ('@functools.cache\ndef g(): return 1\n', 'g()', 'return 1', 'return 2'),
    'dispatch by type': (
        '@functools.singledispatch\ndef g(x): return 0\n@g.register\ndef _(x: int): return 1\n',
        'g(1)',
        'return 1',
        'return 2',
    ),
    'functions in a dict': ('def g(): return 1\nALL = {"g": [g]}\n', 'ALL["g"][0]()', 'return 1', 'return 2'),
    'functions in a deque': (
        'import collections\ndef g(): return 1\nq = collections.deque([g])\n',
        'q[0]()',
        'return 1',
        'return 2',
    ),
    'a namespace': ('n = types.SimpleNamespace(g=lambda: 1)\n', 'n.g()', 'lambda: 1', 'lambda: 2'),
    'a mapping that is read only': (
        'm = types.MappingProxyType({"g": lambda: 1})\n',
        'm["g"]()',
        'lambda: 1',
        'lambda: 2',
    ),
    'an attribute of a function': ('def g(): return 0\ng.prompt = "a"\n', 'g.prompt', '"a"', '"b"'),
    'recursion': ('def g(n): return 1 if n < 1 else g(n - 1)\n', 'g(2)', 'return 1', 'return 2'),
    'async': ('async def g(): return 1\n', 'g()', 'return 1', 'return 2'),
    'a prompt': ('WHO = "a"\nPROMPT = f"You are {WHO}."\n', 'PROMPT.format(1)', '"a"', '"b"'),
    'a template': ('T = string.Template("a $x")\n', 'T.substitute(x=1)', '"a $x"', '"b $x"'),
    'an enum': ('class E(enum.Enum):\n    A = 1\n', 'E.A.value', 'A = 1', 'A = 2'),
    'an enum of dicts': ('class E(enum.Enum):\n    A = {"x": 1}\n', 'E.A.value', '"x": 1', '"x": 2'),
    'a partial': ('def g(x): return x\np = functools.partial(g, 1)\n', 'p()', '(g, 1)', '(g, 2)'),
    'a bound method': ('join = "a".join\n', 'join([])', '"a".join', '"b".join'),
    'a pattern': ('P = re.compile("a")\n', 'P.sub("", "")', '"a"', '"b"'),
    'a keyword default': ('def g(*, x=1): return x\n', 'g()', 'x=1', 'x=2'),
    'a closure': (
        'def make(n):\n    def g(): return n\n    return g\ng = make(1)\n',
        'g()',
        'make(1)',
        'make(2)',
    ),
}  # fmt: skip


@pytest.mark.parametrize('case', SEEN)
def test_seen(tmp_path: Path, case: str) -> None:
    head, body, old, new = SEEN[case]
    source = f'{head}@udf\ndef f(x: int) -> int:\n    return {body}\n'
    assert old in source
    first = fingerprint(load(tmp_path, source))
    assert first == fingerprint(load(tmp_path, source))
    assert first != fingerprint(load(tmp_path, source.replace(old, new)))


IGNORED = {
    'layout and comments': (
        'def g(): return (1,\n    2)  # both\n',
        'g()',
        'return (1,\n    2)  # both',
        'return (1, 2)',
    ),
    'docstrings of classes': (
        'class A:\n    "a"\n    def m(self):\n        "b"\n        return 1\n',
        'A().m()',
        '"b"',
        '"c"',
    ),
    'a cache that is filled': (
        'CACHE = {}\ndef g(x):\n    if x not in CACHE: CACHE[x] = x\n    return CACHE[x]\nONCE = 0\n',
        'g(x)',
        'ONCE = 0',
        'g(3)',
    ),
    'a list that grows': ('SEEN = []\ndef g(x): SEEN.append(x)\nONCE = 0\n', 'g(x)', 'ONCE = 0', 'g(3)'),
    'a model loaded at its first use': (
        'class A:\n    def __init__(self): self._model = None\n    def run(self):\n        self._model = object()\n'
        '        return 1\na = A()\nONCE = 0\n',
        'a.run()',
        'ONCE = 0',
        'a.run()',
    ),
    'a property that was cached': (
        'class A:\n    @functools.cached_property\n    def m(self): return 1\na = A()\nONCE = 0\n',
        'a.m',
        'ONCE = 0',
        'a.m',
    ),
    'the level of a log': (
        'import logging\nlog = logging.getLogger("x")\nONCE = 0\n',
        'log.info("x")',
        'ONCE = 0',
        'log.setLevel(10)',
    ),
    'the environment': ('ONCE = 0\n', 'os.environ.get("x")', 'ONCE = 0', 'os.environ["DESCRIBED"] = "1"'),
    'a stream': ('ONCE = 0\n', 'print(x, file=sys.stdout)', 'ONCE = 0', 'import io; sys.stdout = io.StringIO()'),
}


@pytest.mark.parametrize('case', IGNORED)
def test_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.setattr(sys, 'stdout', sys.__stdout__)
    monkeypatch.setenv('DESCRIBED', '0')
    head, body, old, new = IGNORED[case]
    source = f'{head}@udf\ndef f(x: int) -> int:\n    return {body}\n'
    assert old in source
    assert fingerprint(load(tmp_path, source)) == fingerprint(load(tmp_path, source.replace(old, new)))


def test_the_order_of_a_set_does_not_count(tmp_path: Path) -> None:
    script = tmp_path / 'script.py'
    script.write_text(
        _HEAD + 'class E(enum.Enum):\n    A = 1\n    B = 2\n    C = 3\nSOME = frozenset(E)\n'
        '@udf\ndef f(x: int) -> int:\n    return len(SOME)\n'
        'from pixeltable.udf.fingerprint import fingerprint\nprint(fingerprint(f))\n'
    )
    found = {
        subprocess.run(
            [sys.executable, str(script)], env=os.environ | {'PYTHONHASHSEED': seed}, capture_output=True, check=True
        ).stdout
        for seed in '123'
    }
    assert len(found) == 1


def test_templates_of_jinja(tmp_path: Path) -> None:
    pytest.importorskip('jinja2')
    source = 'import jinja2\nT = jinja2.Template("a {{ x }}")\n@udf\ndef f(x: int) -> str:\n    return T.render(x=x)\n'
    first = fingerprint(load(tmp_path, source))
    assert first == fingerprint(load(tmp_path, source))
    assert first != fingerprint(load(tmp_path, source.replace('"a ', '"b ')))


def test_fields_of_pydantic_models(tmp_path: Path) -> None:
    source = (
        'import pydantic\nclass M(pydantic.BaseModel):\n    p: str = "a"\n'
        '@udf\ndef f(x: int) -> str:\n    return M().p\n'
    )
    first = fingerprint(load(tmp_path, source))
    assert first == fingerprint(load(tmp_path, source))
    assert first != fingerprint(load(tmp_path, source.replace('"a"', '"b"')))
