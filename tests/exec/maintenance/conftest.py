"""A home to damage (`damage.py`), and one without a grace period, with a table of segments of all kinds in it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.api.default import session
from pixeltable.exec.engine import Engine
from pixeltable.storage import segments

LARGE = 200
"""Rows that are not inlined, as these tests set it."""


@pytest.fixture(scope='session')
def damage() -> ModuleType:
    """The module `damage.py`."""
    spec = importlib.util.spec_from_file_location('damage', Path(__file__).with_name('damage.py'))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def table_home(home: Path, damage: ModuleType) -> Path:
    """A home with the table `t` of `damage.py`."""
    damage.make_table()
    return home


@pytest.fixture
def grace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`grace(seconds)` sets the grace period of vacuums."""
    monkeypatch.setattr(segments, 'INLINE_BYTES', 2 << 10)

    def set_(seconds: float) -> None:
        session().settings = dataclasses.replace(session().settings, vacuum_grace_s=seconds)

    set_(0)
    return set_


@pytest.fixture
def t(grace: Any) -> pxt.Table:
    """Rows 0 to 205: a Parquet segment, and inlined ones; some were updated, some deleted; `loud` has errors."""
    t = pxt.create_table('t', {'n': pxt.Int, 's': pxt.String | None})
    t.add_computed_column(loud=shout(t.s))
    for start, size in ((0, LARGE), (LARGE, 3), (LARGE + 3, 3)):
        insert(t, start, size)
    t.update({'s': 'changed'}, where=t.n.isin([7, LARGE + 1]))
    t.delete(where=t.n.isin([8, LARGE + 2]))
    return t


@pxt.udf
def shout(s: str) -> str:
    if s.endswith('5'):
        raise ValueError(s)
    return s.upper()


def text(n: int) -> str:
    """A text that begins like no other one, so that it can be found in a compressed file."""
    return base64.b85encode(hashlib.sha256(b'%d' % n).digest()[:12]).decode() + f' {n:06}'


def insert(t: pxt.Table, start: int, size: int) -> None:
    t.insert([{'n': n, 's': text(n)} for n in range(start, start + size)])


@pytest.fixture
def text_of() -> Callable[[int], str]:
    """The text of row `n`."""
    return text


@pytest.fixture
def fill() -> Callable[[pxt.Table, int, int], None]:
    """`fill(t, start, size)` inserts rows."""
    return insert


@pytest.fixture
def rows() -> Callable[[pxt.Table], list[dict[str, Any]]]:
    """Everything that a reader can tell of a table, by row id."""
    return lambda t: list(t.order_by(t.id).select(t.n, t.s, t.loud, row_id=t.id, error=t.loud.errormsg).collect())


@pytest.fixture
def engine(home: Path) -> Engine:
    return session().engine


@pytest.fixture
def objects(home: Path) -> Callable[[], set[str]]:
    """The names of all files of data."""
    return lambda: {path.name for path in (home / 'data' / 'tables').rglob('*') if path.is_file()}


@pytest.fixture
def named() -> Callable[[], set[str]]:
    """The names of all files of data that the catalog names."""
    return lambda: {key.rpartition('/')[2] for key in session().catalog.named_objects()}
