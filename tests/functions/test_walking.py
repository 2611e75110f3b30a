"""Walking over a film in several threads gives what decoding it from its beginning gives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import films
import numpy as np
import pytest

from pixeltable.functions._av import walking
from pixeltable.functions._av.reading import decoded, opened
from pixeltable.functions._av.walking import unfiltered_stream, walked

X264 = {'g': '10', 'bf': '3'}
SPLIT: list[tuple[str, str, dict[str, str]]] = [
    ('.mp4', 'mpeg4', {'g': '10'}),
    ('.avi', 'mpeg4', {'g': '10'}),
    ('.mp4', 'libx264', X264),
    ('.flv', 'libx264', X264),
    ('.mp4', 'libx264', {'g': '10', 'bf': '0'}),
    ('.mp4', 'libsvtav1', {'g': '10', 'preset': '12'}),
]
WHOLE: list[tuple[str, str, dict[str, str]]] = [
    ('.mp4', 'mpeg4', {'g': '10', 'bf': '2'}),  # of which frames before a key frame need it, and those before
    ('.ts', 'libx264', X264),  # without an index
    ('.mkv', 'libx264', X264),  # with one at its end
]


def moving(number: int) -> Any:
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    return np.roll(noise, number * 2, 1)


def see(frame: Any) -> Any:
    return frame.pts, frame.dts, frame.is_corrupt, frame.key_frame, frame.pict_type, frame.interlaced_frame


def by_one_thread(path: Path) -> list[Any]:
    with opened(str(path)) as container:
        stream = unfiltered_stream(container, str(path))
        stream.thread_type = 'NONE'
        return list(map(see, decoded(container, stream)))


def by_threads(path: Path) -> list[Any]:
    with opened(str(path)) as container:
        return list(walked(str(path), container, unfiltered_stream(container, str(path)), see))


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What other threads gave, a value for each walk that asked them."""
    monkeypatch.setattr(walking, 'THREADS', 4)
    monkeypatch.setattr(walking, 'PART_S', 1)
    given: list[Any] = []
    seen = walking._Parts.seen

    def noted(self: Any) -> Iterator[Any] | None:
        found = seen(self)
        given.append(found)
        return found

    monkeypatch.setattr(walking._Parts, 'seen', noted)
    return given


@pytest.mark.parametrize(('suffix', 'codec', 'options'), SPLIT)
def test_in_parts(suffix: str, codec: str, options: dict[str, str], tmp_path: Path, parts: list[Any]) -> None:
    path = films.film(tmp_path / f'a{suffix}', frames=75, sound=False, codec=codec, options=options, paint=moving)
    found = by_threads(path)
    assert found == by_one_thread(path)
    assert len(found) == 75
    assert [each is not None for each in parts] == [True]


@pytest.mark.parametrize(('suffix', 'codec', 'options'), WHOLE)
def test_as_a_whole(suffix: str, codec: str, options: dict[str, str], tmp_path: Path, parts: list[Any]) -> None:
    path = films.film(tmp_path / f'a{suffix}', frames=75, sound=False, codec=codec, options=options, paint=moving)
    assert by_threads(path) == by_one_thread(path)
    assert parts == []


def test_large_frames_are_decoded_by_fewer_threads(
    tmp_path: Path, parts: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = films.film(tmp_path / 'a.mp4', frames=75, sound=False, options=X264, paint=moving)
    for pixels, threads in ((64 * 48 * 4, 3), (64 * 48 * 2, 1), (64 * 48, 0)):
        monkeypatch.setattr(walking, 'PIXELS', pixels)
        with opened(str(path)) as container:
            assert len(walking._starts(str(path), unfiltered_stream(container, str(path)))) == threads


def test_variable_rate(tmp_path: Path, parts: list[Any]) -> None:
    path = films.film(
        tmp_path / 'a.mp4', frames=75, options=X264, paint=moving, ticks=lambda number: number * 11 + number % 3 * 2
    )
    assert by_threads(path) == by_one_thread(path)
    assert [each is not None for each in parts] == [True]


@pytest.mark.parametrize(('suffix', 'codec'), [('.mp4', 'mpeg4'), ('.mp4', 'libx264'), ('.avi', 'mpeg4')])
def test_damaged(suffix: str, codec: str, tmp_path: Path, parts: list[Any]) -> None:
    whole = films.film(tmp_path / f'a{suffix}', frames=75, codec=codec, options={'g': '10'}, paint=moving)
    content, damaged = whole.read_bytes(), tmp_path / f'b{suffix}'
    for seed in range(20):
        chance, data = random.Random(seed), bytearray(content)
        for _ in range(chance.choice([1, 3, 20])):
            data[chance.randrange(len(data) // 20, len(data) * 19 // 20)] ^= 1 << chance.randrange(8)
        damaged.write_bytes(data)
        assert by_threads(damaged) == by_one_thread(damaged)
    assert any(parts)


def test_a_damaged_key_frame_is_decoded_with_what_is_before_it(tmp_path: Path, parts: list[Any]) -> None:
    path = films.film(tmp_path / 'a.mp4', frames=75, sound=False, codec='mpeg4', options={'g': '10'}, paint=moving)
    with opened(str(path)) as container:
        keys = [packet for packet in container.demux(video=0) if packet.is_keyframe and packet.size]
        places = [(packet.pos, packet.size) for packet in keys]
    content = bytearray(path.read_bytes())
    for place, size in places[1:]:
        content[place + size // 3 : place + size // 2] = bytes(size // 2 - size // 3)
    path.write_bytes(content)
    assert by_threads(path) == by_one_thread(path)
    assert parts == [None]


def test_a_walk_that_is_broken_off(tmp_path: Path, parts: list[Any]) -> None:
    path = films.film(tmp_path / 'a.mp4', frames=75, options={'g': '10'}, paint=moving)
    with opened(str(path)) as container:
        walk = walked(str(path), container, unfiltered_stream(container, str(path)), see)
        first = next(walk)
        walk.close()
    assert first == by_one_thread(path)[0]
    assert parts == []
