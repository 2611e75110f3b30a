"""YOLOX by its real package, with a tiny model of random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import detectors
import films
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode
from pixeltable.functions.yolox import yolo_to_coco, yolox

DETECTIONS = {'bboxes': [[1.4, 2.0, 11.4, 5.6]], 'scores': [0.9], 'labels': [7]}


@pytest.fixture
def t(home) -> pxt.Table:
    table = pxt.create_table('t', {'img': pxt.Image | None})
    table.insert([{'img': PIL.Image.new(mode, (64, 48), 'red')} for mode in ('RGB', 'RGBA', 'P')] + [{'img': None}])
    return table


def found_in(table: pxt.Table, expression: Any) -> list[Any]:
    return table.select(found=expression).order_by(table.id).collect()['found']


@pytest.mark.usefixtures('yolox')
def test_objects_in_images(t, tmp_path: Path) -> None:
    model = detectors.saved(tmp_path)
    *found, nothing = found_in(t, yolox(t.img, model_id=model))
    assert nothing is None
    for each in found:
        assert set(each['label_text']) == {'person'}
        assert set(each['labels']) == {0}
        assert min(each['scores']) >= 0.5
        assert len(each['bboxes']) == len(each['scores']) == len(each['labels']) > 0
    assert found_in(t, yolox(t.img, model_id=model, threshold=0.9999))[0]['labels'] == []


@pytest.mark.usefixtures('yolox')
def test_the_module_takes_the_model_of_the_configuration(home, tmp_path: Path, monkeypatch) -> None:
    from pixeltable.functions import yolox as detect

    monkeypatch.setenv('YOLOX_MODEL', detectors.saved(tmp_path, label=2))
    videos = pxt.create_table('videos', {'video': pxt.Video})
    videos.add_computed_column(objects=detect(videos.frame))
    videos.insert(video=str(films.film(tmp_path / 'a.mp4')))
    assert [set(each['label_text']) for each in found_in(videos, videos.objects)[0]] == [{'car'}, {'car'}]
    assert (
        videos.where(videos.objects.contains('car')).count(),
        videos.where(videos.objects.contains('dog')).count(),
    ) == (1, 0)


@pytest.mark.usefixtures('yolox')
def test_files_are_called_after_a_kind(t, tmp_path: Path) -> None:
    path = Path(detectors.saved(tmp_path)).rename(tmp_path / 'mine.pth')
    with pytest.raises(pxt.Error, match=r"the model '.*mine.pth' cannot be loaded.* kind of YOLOX") as caught:
        found_in(t, yolox(t.img, model_id=str(path)))
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT


def test_coco(home) -> None:
    t = pxt.create_table('t', {'found': pxt.Json | None})
    t.insert([{'found': DETECTIONS}, {'found': None}])
    assert found_in(t, yolo_to_coco(t.found)) == [[{'bbox': [1, 2, 10, 4], 'category': 7}], None]


def test_without_the_package(t, monkeypatch) -> None:
    monkeypatch.setitem(__import__('sys').modules, 'yolox.models', None)
    with pytest.raises(pxt.Error, match=r'pixeltable\[yolox\]'):
        found_in(t, yolox(t.img, model_id='yolox_s'))


def test_the_threshold_is_a_number(t) -> None:
    with pytest.raises(pxt.Error, match="parameter 'threshold' is of type Float"):
        yolox(t.img, model_id='yolox_s', threshold='high')
