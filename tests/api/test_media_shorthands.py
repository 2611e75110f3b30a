"""`t.frame` and `t.audio`, and functions of an image over the frames of a film."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import films
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode


@pxt.udf
def brightness(image: PIL.Image.Image, channel: int) -> int:
    return image.getpixel((60, 3))[channel]


def number_of(frames: list[PIL.Image.Image]) -> int:
    return len(frames)


@pytest.fixture
def videos(tmp_path: Path) -> pxt.Table:
    table = pxt.create_table('videos', {'name': pxt.String, 'clip': pxt.Video | None})
    paths = films.film(tmp_path / 'a.mp4', frames=35), films.film(tmp_path / 'b.mp4', frames=5, sound=False)
    table.insert([{'name': 'a', 'clip': str(paths[0])}, {'name': 'b', 'clip': str(paths[1])}, {'name': 'none'}])
    return table


def values(table: pxt.Table, expression: Any) -> list[Any]:
    return table.select(found=expression).order_by(table.id).collect()['found']


def test_a_function_of_an_image_is_applied_to_each_frame(videos) -> None:
    videos.add_computed_column(blues=brightness(videos.frame, 2))
    first, second, nothing = values(videos, videos.blues)
    assert first == pytest.approx([0, 50, 100, 150], abs=6)
    assert (len(second), nothing) == (1, None)
    assert videos.get_metadata()['columns']['blues']['type_'] == 'Json[(Int, ...)] | None'
    assert videos.where(videos.blues.contains(first[2])).collect()['name'] == ['a']


def test_frames_are_images(videos) -> None:
    first, second, nothing = values(videos, videos.frame)
    assert [image.getpixel((60, 3))[2] for image in first] == pytest.approx([0, 50, 100, 150], abs=6)
    assert (len(second), nothing) == (1, None)
    assert [image.size for image in values(videos, videos.clip.frame[1:3])[0]] == [(64, 48)] * 2
    assert repr(videos.frame) == 'clip.frame'


def test_a_column_of_frames_stores_references(videos) -> None:
    videos.add_computed_column(frames=videos.frame)
    result = videos.select(videos.frames).order_by(videos.id).collect()
    assert 'a.mp4' in result.to_arrow()['frames'][0].as_py()
    assert '#pts=' in repr(result)
    assert result._repr_html_().count('<img') == 5
    assert [image.size for image in result[0, 'frames']] == [(64, 48)] * 4
    assert [len(row['frames'] or ()) for row in result] == [4, 1, 0]


@pytest.mark.parametrize('hint', [list[PIL.Image.Image], pxt.Json, list])
def test_a_function_of_a_list_gets_images(videos, hint: Any) -> None:
    def sizes(frames: Any) -> list[int]:
        return [frame.width for frame in frames]

    sizes.__annotations__['frames'] = hint
    assert values(videos, pxt.udf(sizes)(videos.frame)) == [[64] * 4, [64], None]


def test_frames_of_a_film_that_is_gone(videos, tmp_path: Path) -> None:
    videos.add_computed_column(frames=videos.frame)
    result = videos.where(videos.name == 'a').select(videos.frames).collect()
    (tmp_path / 'a.mp4').unlink()
    with pytest.raises(pxt.Error) as caught:
        result['frames']
    assert caught.value.error_code is ErrorCode.STORAGE_NOT_FOUND
    with pytest.raises(pxt.Error, match=r'a\.mp4'):
        videos.select(n=pxt.udf(number_of)(videos.frames)).collect()


def test_an_image_for_each_frame(videos) -> None:
    small = values(videos, pxt.functions.image.resize(videos.frame, (8, 6)))[0]
    assert [image.size for image in small] == [(8, 6)] * 4


def test_all_frames_at_once_for_a_function_that_takes_a_list(videos) -> None:
    @pxt.udf
    def counted(image: PIL.Image.Image) -> int:
        return 1

    @counted.overload
    def _(images: list[PIL.Image.Image]) -> int:
        return len(images)

    assert values(videos, counted(videos.frame))[0] == 4


def test_long_films_are_decoded_some_frames_at_a_time(videos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('pixeltable.exec.each.IMAGES_AT_ONCE', 3)
    assert values(videos, brightness(videos.frame, 2))[0] == pytest.approx([0, 50, 100, 150], abs=6)


def test_the_sound_track(videos) -> None:
    with_sound, without, nothing = values(videos, videos.audio)
    assert films.seconds(with_sound) == pytest.approx(3.5, abs=0.1)
    assert (without, nothing) == (None, None)


def test_a_frame_that_fails_is_an_error_of_its_row(videos) -> None:
    with pytest.warns(pxt.PixeltableWarning, match='tuple index out of range'):
        videos.add_computed_column(bad=brightness(videos.frame, 7), on_error='ignore')
    assert values(videos, videos.bad.errortype) == ['IndexError', 'IndexError', None]


def test_columns_of_these_names_come_first() -> None:
    t = pxt.create_table('t', {'video': pxt.Video, 'frame': pxt.Int})
    assert repr(t.frame + 1) == 'frame + 1'
    assert repr(t.audio) == 'video.audio'


@pytest.mark.parametrize('schema', [{'n': pxt.Int}, {'one': pxt.Video, 'other': pxt.Video}])
def test_only_a_single_video_column_has_them(schema: dict[str, Any]) -> None:
    t = pxt.create_table('t', schema)
    with pytest.raises(pxt.Error) as caught:
        t.frame  # noqa: B018
    assert caught.value.error_code is ErrorCode.COLUMN_NOT_FOUND
