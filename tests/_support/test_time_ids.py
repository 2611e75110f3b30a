from __future__ import annotations

import time
import uuid

import pytest

from pixeltable._support.time_ids import made_at, new_id


def test_an_id_says_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000 * 1000
    made = made_at(new_id())
    assert made is not None
    assert before <= made <= time.time_ns() // 1000


def test_it_is_a_uuid_of_version_7() -> None:
    found = uuid.UUID(new_id())
    assert (found.version, found.variant) == (7, uuid.RFC_4122)


def test_ids_differ() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize(
    ('text', 'made'),
    [('cd1c678d5e75445ab99d37e3be7f30ba', 0), ('notes', None), ('01A20B73BDEE7819A7259E0C41E017B2', None), ('', None)],
)
def test_what_does_not_say_it(text: str, made: int | None) -> None:
    assert made_at(text) == made
