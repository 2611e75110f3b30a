"""Aggregates of media."""

from __future__ import annotations

import films
import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.functions.image import stitch_tiles
from pixeltable.functions.video import concat_videos_agg, make_video
from pixeltable.functions.vision import eval_detections, mean_ap


def test_make_video() -> None:
    t = pxt.create_table('t', {'g': pxt.Int, 'pos': pxt.Int, 'img': pxt.Image | None})
    t.insert([{'g': k % 2, 'pos': -k, 'img': PIL.Image.new('RGB', (32, 24), (k * 20, 0, 0))} for k in range(10)])
    t.insert(g=0, pos=1, img=None)
    found = t.group_by(t.g).select(t.g, film=make_video(t.pos, t.img, fps=5)).order_by(t.g).collect()
    assert [len(films.times(row['film'])) for row in found] == [5, 5]
    assert films.times(found[0]['film'])[-1] == pytest.approx(0.8)
    joined = t.group_by(t.g).select(film=make_video(t.pos, t.img.rotate(90))).collect()
    assert len(joined) == 2


def test_concat(tmp_path) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'video': pxt.Video})
    t.insert([{'k': k, 'video': films.film(tmp_path / f'{k}.mp4', sound=False)} for k in range(2)])
    assert len(films.times(t.select(film=concat_videos_agg(t.k, t.video)).collect()[0]['film'])) == 40


def test_stitch_tiles() -> None:
    image = PIL.Image.effect_noise((20, 10), 50).convert('RGB')
    boxes = [[0, 0, 10, 10], [10, 0, 20, 10]]
    t = pxt.create_table('t', {'k': pxt.Int, 'tile': pxt.Image, 'box': pxt.Json})
    t.insert([{'k': k, 'tile': image.crop(tuple(box)), 'box': box} for k, box in enumerate(boxes)])
    found = t.select(whole=stitch_tiles(t.k, t.tile, t.box, width=20, height=10)).collect()[0]['whole']
    assert np.array_equal(np.asarray(found), np.asarray(image))


def test_mean_ap() -> None:
    t = pxt.create_table('t', {'boxes': pxt.Json, 'labels': pxt.Json, 'scores': pxt.Json})
    t.insert([{'boxes': [[0, 0, 9, 9]], 'labels': [1], 'scores': [0.9]}] * 2)
    found = eval_detections(t.boxes, t.labels, t.scores, t.boxes, t.labels)
    assert t.select(ap=mean_ap(found)).collect()[0]['ap'] == {'1': 1.0}
