"""A store that cannot be written: what is acknowledged is stored, what raises an error is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable import session
from pixeltable.errors import ErrorCode, ServiceUnavailableError
from pixeltable.storage import flush, segments
from pixeltable.storage.objects.local import LocalStore


@pytest.fixture
def t(home: Path, monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    """A table whose small inserts go into the catalog, and which has no room for anything else."""

    def full(self: LocalStore, key: str, data: Any) -> None:
        raise ServiceUnavailableError(ErrorCode.STORE_UNAVAILABLE, 'no space left')

    monkeypatch.setattr(LocalStore, 'put', full)
    monkeypatch.setattr(segments, 'INLINE_BYTES', 1 << 10)
    monkeypatch.setattr(flush, 'MAX_INLINED', 1)
    monkeypatch.setattr(session, 'WRITES_BETWEEN_CHECKS', 3)
    return pxt.create_table('t', {'n': pxt.Int})


def test_a_flush_that_fails_does_not_make_an_insert_fail(t: pxt.Table) -> None:
    t.insert(n=1)
    t.insert(n=2)
    with pytest.warns(pxt.PixeltableWarning, match='no space left'):
        t.insert(n=3)
    assert t.collect()['n'] == [1, 2, 3]


def test_an_insert_that_fails_leaves_nothing(t: pxt.Table) -> None:
    with pytest.raises(pxt.ServiceUnavailableError):
        t.insert([{'n': n} for n in range(500)])
    assert t.count() == 0
    t.insert(n=1)
    assert t.count() == 1
