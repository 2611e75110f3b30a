from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import films
import pytest

from pixeltable.functions._av.reading import frames_of, packets_of


class Fails:
    """A container in which another stream begins after some packets, at which PyAV fails."""

    def __init__(self, container: Any, packets: int) -> None:
        self._container = container
        self._packets = packets

    def demux(self, *streams: Any) -> Iterator[Any]:
        for number, packet in enumerate(self._container.demux(*streams)):
            yield packet
            if number == self._packets:
                raise IndexError


@pytest.mark.parametrize('packets', [0, 7, 19, 20])  # the last of which says that there are no more
def test_streams_that_begin_later_are_passed_over(packets: int, tmp_path: Path) -> None:
    path = films.film(tmp_path / 'a.ts', sound=False)
    with av.open(str(path)) as container:
        found = list(packets_of(Fails(container, packets), container.streams.video[0]))
        assert len({packet.pts for packet in found}) == 21
        assert sum(not packet.size for packet in found) == 1
    with av.open(str(path)) as container:
        packets_again = packets_of(Fails(container, packets), container.streams.video[0])
        assert sum(len(list(frames_of(packet))) for packet in packets_again) == 20


class Damaged:
    """A packet of which a decoder says something."""

    def __init__(self, error: type[Exception]) -> None:
        self._error = error

    def decode(self) -> list[Any]:
        raise self._error(1, 'words')


@pytest.mark.parametrize('error', [av.error.InvalidDataError, av.error.PermissionError, av.error.ExternalError])
def test_damaged_packets_give_no_frames(error: type[Exception]) -> None:
    assert list(frames_of(Damaged(error))) == []


def test_too_little_memory_is_no_damage() -> None:
    with pytest.raises(MemoryError):
        list(frames_of(Damaged(av.error.MemoryError)))
