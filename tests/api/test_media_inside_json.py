"""Media in inline lists and objects: results and functions get images and paths, as they do of columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import films
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.functions.json import make_list
from pixeltable.functions.video import concat_videos, frame_iterator


@pytest.fixture
def frames(tmp_path: Path) -> pxt.Table:
    videos = pxt.create_table('videos', {'video': pxt.Video | None})
    videos.insert([{'video': films.film(tmp_path / 'a.mp4', frames=3)}])
    return pxt.create_view('frames', videos, iterator=frame_iterator(videos.video))


@pxt.udf
def described(value: pxt.Json) -> str:
    return str([type(each).__name__ for each in (value.values() if isinstance(value, dict) else value)])


@pxt.udf
def darkened(value: dict) -> int:
    value['a'].paste((0, 0, 0), (0, 0, 64, 48))
    return value['b'].getpixel((3, 3))[0]


def test_results(frames: pxt.Table) -> None:
    found = frames.select(
        d={'frame': frames.frame, 'film': frames.video, 'pos': frames.pos},
        items=[frames.frame, frames.frame.resize((4, 4)), None],
        deep={'list': [{'frame': frames.frame}]},
    ).collect()
    row = found[0]
    assert (row['d']['frame'].size, Path(row['d']['film']).name, row['d']['pos']) == ((64, 48), 'a.mp4', 0)
    assert [image and image.size for image in row['items']] == [(64, 48), (4, 4), None]
    assert found.to_pandas()['deep'][1]['list'][0]['frame'].size == (64, 48)
    assert '#pts=' in repr(found)
    assert found._repr_html_().count('<img') >= 6


def test_functions_and_stored_columns(frames: pxt.Table) -> None:
    frames.add_computed_column(d={'a': frames.frame, 'b': frames.frame})
    frames.add_computed_column(kinds=described(frames.d))
    first = frames.select(frames.kinds, darkened(frames.d), frames.d.a, made=described([frames.frame])).collect()[0]
    assert (first['kinds'], first['made']) == ("['Image', 'Image']", "['Image']")
    assert first['darkened'] > 200  # each of the two is a picture of its own
    assert first['d_a'].getpixel((3, 3))[0] > 200


@pxt.uda(allows_window=True)
class Widths(pxt.Aggregator):
    def __init__(self) -> None:
        self._sum = 0

    def update(self, value: pxt.Json, image: pxt.Image) -> None:
        self._sum += value['a'].width + image.height

    def value(self) -> int:
        return self._sum


def test_aggregates(frames: pxt.Table) -> None:
    made: Any = {'a': frames.frame}
    listed = frames.select(x=make_list(made)).collect()[0]['x']
    assert [each['a'].size for each in listed] == [(64, 48)] * 3
    assert frames.select(x=Widths(made, frames.frame)).collect()['x'] == [3 * 112]
    running = frames.select(x=Widths(made, frames.frame, order_by=frames.pos)).collect()['x']
    assert sorted(running) == [112, 224, 336]


def test_our_functions_of_lists_get_files(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'v': pxt.Video, 'all': pxt.Json | None})
    odd = films.film(tmp_path / 'a b%20#ü.mp4')
    t.insert([{'v': odd, 'all': [str(odd)]}, {'v': films.film(tmp_path / 'b.mp4').read_bytes()}])
    assert t.select(x=concat_videos([t.v, t.v]).get_duration()).collect()['x'] == [4.0, 4.0]
    assert t.select(x=concat_videos(t.all).get_duration()).collect()['x'] == [2.0, None]


def test_null_and_a_file_that_is_gone(tmp_path: Path) -> None:
    PIL.Image.new('RGB', (3, 2)).save(tmp_path / 'a.png')
    t = pxt.create_table('t', {'img': pxt.Image | None})
    t.insert([{'img': tmp_path / 'a.png'}, {}])
    made: Any = {'img': t.img}
    assert [row['x'] and row['x']['img'] and row['x']['img'].size for row in t.select(x=made).collect()] == [
        (3, 2),
        None,
    ]
    assert t.select(x=described(made)).collect()['x'] == ["['Image']", "['NoneType']"]
    (tmp_path / 'a.png').unlink()
    with pytest.raises(pxt.Error, match=r'a\.png'):
        t.select(x=described(made)).collect()
    with pytest.raises(pxt.NotFoundError, match=r'a\.png'):
        t.select(x=made).collect()['x']
