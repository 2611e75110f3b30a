"""A bit that flips in the file of the catalog: queries raise or give what was stored, or verification notices."""

from __future__ import annotations

import random
from typing import Any

import pytest

import pixeltable as pxt


def flips(content: bytes, count: int) -> list[bytes]:
    """Copies of the file with one bit changed, not in bytes that are not in use."""
    chance, found = random.Random(7), []
    while len(found) < count:
        at = chance.randrange(len(content))
        if content[at] or chance.random() < 0.1:
            changed = bytearray(content)
            changed[at] ^= 1 << chance.randrange(8)
            found.append(bytes(changed))
    return found


def outcome(reopen: Any, damage: Any, whole: list[Any]) -> str:
    """How the home behaves: `'refused'`, `'error'`, `'same'`, or that data differ and whether verification noticed."""
    try:
        reopen()
        report = pxt.verify(sample=0)
    except pxt.Error:
        return 'refused'
    try:
        is_same = all(map(type(whole[0]).equals, damage.contents(), whole))
    except Exception:  # noqa: BLE001  a number may have become text, which any code may stumble over
        return 'unnoticed error' if report.ok else 'error'
    return 'same' if is_same else 'unnoticed' if report.ok else 'noticed'


@pytest.mark.parametrize('count', [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_no_flipped_bit_gives_wrong_data_unnoticed(table_home, damage, reopen, count: int) -> None:
    whole = damage.contents()
    damage.sql(table_home, 'PRAGMA wal_checkpoint(TRUNCATE)')
    reopen()
    content = (table_home / 'catalog.db').read_bytes()
    found = []
    for changed in flips(content, count):
        close()
        for path in table_home.glob('catalog.db*'):
            path.unlink()
        (table_home / 'catalog.db').write_bytes(changed)
        found.append(outcome(reopen, damage, whole))
    assert {each for each in found if each.startswith('unnoticed')} == set()
    assert found.count('same') < count


def close() -> None:
    """Closes the session, so that no process has the file open."""
    from pixeltable.api import default

    default.session().close()
