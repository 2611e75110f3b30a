"""Parts of an object are fetched in few requests, and each is checked."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from pixeltable.errors import NotFoundError
from pixeltable.storage import blocks
from pixeltable.storage.blocks import DamagedBlockError, PartialObject, digests

DATA = bytes(range(256)) * 4 + b'end'


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, 'BLOCK_BYTES', 100)
    monkeypatch.setattr(blocks, 'MAX_GAP', 1)


@pytest.fixture
def requests(objects: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    get_range = objects.get_range
    monkeypatch.setattr(objects, 'get_range', lambda *args: made.append(args[1:]) or get_range(*args))
    objects.put('key', DATA)
    return made


def part(objects: Any, size: int = len(DATA)) -> PartialObject:
    return PartialObject(objects, 'key', size, digests(DATA))


def test_a_digest_is_the_start_of_sha_256() -> None:
    assert len(digests(DATA)) == 8 * 11
    assert digests(DATA)[8:16] == hashlib.sha256(DATA[100:200]).digest()[:8]
    assert digests(b'') == b''


def test_what_was_asked_for_is_there(objects: Any, requests: list[tuple[int, int]]) -> None:
    read = part(objects)
    read.need([(150, 160), (990, len(DATA))])
    assert requests == [(100, 100), (900, 127)]
    assert bytes(read.buffer)[100:200] == DATA[100:200]
    assert bytes(read.buffer)[900:] == DATA[900:]


def test_neighbours_are_one_request(objects: Any, requests: list[tuple[int, int]]) -> None:
    part(objects).need([(0, 50), (250, 260), (100, 101), (500, 501)])
    assert requests == [(0, 300), (500, 100)]


def test_nothing_is_fetched_twice(objects: Any, requests: list[tuple[int, int]]) -> None:
    read = part(objects)
    for _ in range(2):
        read.need([(0, 250)])
    read.need([(250, 350)])
    assert requests == [(0, 300), (300, 100)]


@pytest.mark.parametrize('place', [0, 399, 400, 1026])
def test_a_changed_bit(objects: Any, requests: list[tuple[int, int]], place: int) -> None:
    content = bytearray(DATA)
    content[place] ^= 1
    (objects.root / 'key').write_bytes(content)
    with pytest.raises(DamagedBlockError, match='has changed'):
        part(objects).need([(place, place + 1)])
    other = 600
    part(objects).need([(other, other + 1)])


def test_a_change_in_a_gap_does_not_matter(objects: Any, requests: list[tuple[int, int]]) -> None:
    (objects.root / 'key').write_bytes(DATA[:150] + b'?' + DATA[151:])
    part(objects).need([(0, 10), (200, 210)])
    assert requests == [(0, 300)]


def test_a_shorter_object(objects: Any, requests: list[tuple[int, int]]) -> None:
    (objects.root / 'key').write_bytes(DATA[:150])
    with pytest.raises(DamagedBlockError, match='50 bytes instead of 100 at byte 100'):
        part(objects).need([(100, 120)])


def test_a_missing_object(objects: Any) -> None:
    with pytest.raises(NotFoundError):
        part(objects).need([(0, 1)])
