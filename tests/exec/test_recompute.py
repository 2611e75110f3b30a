"""What a recomputation of some rows says about the code that made the others."""

from __future__ import annotations

from pathlib import Path

import pytest

import pixeltable as pxt
from pixeltable.storage.places import locate


def fingerprints(t: pxt.Table) -> list[str | None]:
    column = t._schema().find('y')
    assert column is not None
    return [locate(segment)[column.id].fingerprint for segment in t._source().contents.segments]


@pytest.fixture
def t(home: Path) -> pxt.Table:
    t = pxt.create_table('t', {'x': pxt.Int})
    t.insert([{'x': 1}, {'x': 2}])
    t.add_computed_column(y=t.x + 1)
    return t


def test_same_code_keeps_its_fingerprint(t: pxt.Table) -> None:
    before = fingerprints(t)
    t.recompute_columns('y', where=t.x == 1)
    assert fingerprints(t) == before != [None]


def test_cells_of_two_codes_name_both(t: pxt.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = fingerprints(t)
    monkeypatch.setattr('pixeltable.exec.resolve.expression_fingerprint', lambda node: 'other code')
    t._session.engine.resolver._computed.clear()
    t.recompute_columns('y', where=t.x == 1)
    assert fingerprints(t) == [f'{before}+other code']
    t.recompute_columns('y')
    assert fingerprints(t) == ['other code']
