"""A column over frames, and a query over them in any order, decode each film once and forwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import films
import pytest

import pixeltable as pxt
from pixeltable.functions._av import reading
from pixeltable.functions.video import frame_iterator


@pxt.udf
def blue(image: pxt.Image) -> int:
    return image.getpixel((50, 20))[2]


class Decoded:
    """How many frames of which films were decoded since the last `take`."""

    def __init__(self) -> None:
        self._frames: Counter[str] = Counter()

    def note(self, packet: Any) -> None:
        self._frames[Path(packet.stream.container.name).name] += 1

    def take(self) -> dict[str, int]:
        found, self._frames = dict(self._frames), Counter()
        return found


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Decoded:
    found, frames_of = Decoded(), reading.frames_of

    def counting(packet: Any) -> Iterator[Any]:
        for frame in frames_of(packet):
            found.note(packet)
            yield frame

    monkeypatch.setattr(reading, 'frames_of', counting)
    return found


@pytest.fixture
def frames(tmp_path: Path, decoded: Decoded) -> pxt.Table:
    t = pxt.create_table('t', {'video': pxt.Video})
    options = {'bf': '3', 'g': '40'}
    t.insert([{'video': films.film(tmp_path / name, frames=80, options=options)} for name in ('b.mp4', 'a.mp4')])
    view = pxt.create_view('frames', t, iterator=frame_iterator(t.video))
    decoded.take()
    return view


ONCE = {'b.mp4': 80, 'a.mp4': 80}


def test_a_column(frames: pxt.Table, decoded: Decoded) -> None:
    frames.add_computed_column(blue=blue(frames.frame))
    assert decoded.take() == ONCE
    frames.add_computed_column(both=blue(frames.frame.rotate(180)) + blue(frames.frame))
    assert decoded.take() == ONCE


def test_any_order(frames: pxt.Table, decoded: Decoded) -> None:
    mixed = frames.select(frames.pos, found=blue(frames.frame)).order_by(frames.pos * 37 % 80, asc=False)
    rows = mixed.collect()
    assert decoded.take() == ONCE
    assert [row['pos'] * 37 % 80 for row in rows] == sorted((number // 2 for number in range(160)), reverse=True)
    assert [row['found'] for row in rows] == pytest.approx([min(255, row['pos'] * 5) for row in rows], abs=8)


def test_some_in_any_order(frames: pxt.Table, decoded: Decoded) -> None:
    found = frames.where(frames.pos < 20).order_by(frames.pos, asc=False).select(blue(frames.frame)).collect()
    assert len(found) == 40
    assert max(decoded.take().values()) < 30


def test_pictures_in_any_order(frames: pxt.Table, decoded: Decoded) -> None:
    images = frames.order_by(frames.pos * 37 % 80).select(frames.frame).collect()['frame']
    assert decoded.take() == ONCE
    expected = frames.order_by(frames.pos * 37 % 80).select(found=blue(frames.frame)).collect()['found']
    assert [image.getpixel((50, 20))[2] for image in images] == expected
