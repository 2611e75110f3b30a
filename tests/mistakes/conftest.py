"""Each mistake in the tables here is one call. It must raise one clear error and change nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.config.settings import Settings
from pixeltable.session import Session


@dataclass(frozen=True)
class Mistake:
    """A call on the table `t` of `world`, the code that it must raise, and words that must be in the message."""

    call: Callable[[Any], Any]
    code: pxt.ErrorCode
    words: tuple[str, ...]


def mistakes(*rows: tuple[Callable[[Any], Any], str, str]) -> pytest.MarkDecorator:
    """Parametrizes a test over `(call, code, words)`; words are separated by `|`."""
    cases = [Mistake(call, pxt.ErrorCode[code], tuple(words.split('|'))) for call, code, words in rows]
    return pytest.mark.parametrize('mistake', cases, ids=[f'{case.code.name}-{case.words[0]}' for case in cases])


def state() -> Any:
    """Everything that a mistake could have changed."""
    tables = {path: pxt.get_table(path) for path in pxt.list_tables()}
    contents = {path: (table.get_metadata(), table.get_versions(), table.count()) for path, table in tables.items()}
    return pxt.list_dirs(), contents, {path: pxt.list_snapshots(path) for path in tables}


@pytest.fixture
def check(world: pxt.Table) -> Callable[[Mistake], pxt.Error]:
    def run(mistake: Mistake) -> pxt.Error:
        before = state()
        with pytest.raises(pxt.Error) as caught:
            mistake.call(world)
        error = caught.value
        assert error.error_code is mistake.code, error
        for word in mistake.words:
            assert word in error.message
        assert not set('\u2061\u2062\u2063\u2064') & set(error.message)
        assert state() == before
        return error

    return run


@pxt.udf
def vector(text: str) -> pxt.Array[(2,), pxt.Float]:
    return np.array([len(text), 1], dtype=np.float32)


@pytest.fixture(scope='module')
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pxt.Table]:
    """`t` with rows, computed columns, an index and a snapshot; `other`, `keyed`, and directories `d` (full) and `empty`.

    One for all mistakes of a module, because none of them changes anything.
    """
    settings = Settings(tmp_path_factory.mktemp('home'), ZoneInfo('UTC'), verbosity=0, show_progress=False)
    session = Session(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(default, '_session', session)
        patch.setattr(default, '_process', os.getpid())
        yield _make_world()
    session.close()


def _make_world() -> pxt.Table:
    pxt.create_dir('empty')
    pxt.create_dir('d')
    pxt.create_table('d/inner', {'x': pxt.Int})
    pxt.create_table('other', {'title': pxt.String})
    keyed = pxt.create_table('keyed', {'key': pxt.Int, 'v': pxt.String | None}, primary_key='key')
    keyed.insert(key=1)
    pxt.create_table('required', {'key': pxt.Int, 'v': pxt.String}, primary_key='key')
    t = pxt.create_table('t', {'text': pxt.String, 'n': pxt.Int, 'f': pxt.Float | None, 'j': pxt.Json | None})
    t.insert([{'text': 'a', 'n': 1}, {'text': 'b', 'n': 2}])
    t.add_computed_column(double=t.n * 2)
    t.add_computed_column(quad=t.double * 2)
    t.add_embedding_index('text', string_embed=vector)
    pxt.snapshot('t', name='keep')
    return t
