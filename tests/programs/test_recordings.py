"""Recordings: sound out of films, transcribed piece by piece, and searched; objects in frames, counted and drawn."""

from __future__ import annotations

import json
from pathlib import Path

import av
import films
import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf
from pixeltable.functions.audio import audio_splitter
from pixeltable.functions.json import list_iterator
from pixeltable.functions.video import extract_audio, frame_iterator

SEGMENTS = pxt.Json[[{'start': pxt.Float, 'text': pxt.String}]]


@pxt.udf
def transcribe(sound: pxt.Audio, model: str = 'base') -> dict:
    with av.open(sound) as container:
        stream = container.streams.audio[0]
        seconds = float(stream.duration * stream.time_base)
    texts = ['good morning', 'and goodbye']
    return {'model': model, 'segments': [{'start': n * seconds / 2, 'text': text} for n, text in enumerate(texts)]}


@pxt.udf
def embed(text: str) -> pxt.Array[(3,), pxt.Float]:
    return np.array([text.count('o'), text.count('e'), 1], dtype=np.float32)


@pxt.udf(batch_size=4)
def detect(images: pxt.func.Batch[PIL.Image.Image], *, threshold: float = 0.5) -> pxt.func.Batch[dict]:
    found = [('person', 0.9, [1, 2, 30, 40]), ('car', 0.4, [5, 5, 9, 9])]
    kept = [each for each in found if each[1] >= threshold]
    keys = ('label_text', 'scores', 'boxes')
    return [dict(zip(keys, map(list, zip(*kept, strict=True)), strict=True)) for _ in images]


@pxt.udf
def has(detections: dict, label: str) -> bool:
    return label in detections['label_text']


@pytest.fixture
def videos(home, tmp_path: Path) -> pxt.Table:
    pxt.create_dir('recordings')
    videos = pxt.create_table('recordings/videos', {'video': pxt.Video, 'name': pxt.String}, primary_key='name')
    videos.insert({'video': films.film(tmp_path / f'{name}.mp4', frames=40), 'name': name} for name in 'ab')
    return videos


def test_what_was_said_is_found(videos: pxt.Table) -> None:
    videos.add_computed_column(audio=extract_audio(videos.video, format='mp3'))
    pieces = pxt.create_view('recordings.pieces', videos, iterator=audio_splitter(videos.audio, duration=2.5))
    pieces.add_computed_column(transcript=transcribe(pieces.audio_segment, model='tiny'))
    pieces.add_computed_column(segments=pieces.transcript.segments.astype(SEGMENTS))
    said = pxt.create_view('recordings.said', pieces, iterator=list_iterator(pieces.segments))
    said.add_embedding_index('text', string_embed=embed)

    assert said.columns()[:3] == ['pos', 'start', 'text']
    assert pieces.where(pieces.name == 'a').count() == 2
    best = said.order_by(said.text.similarity(string='good morning'), asc=False).limit(1)
    assert best.select(said.text, said.name).collect()[0, 'text'] == 'good morning'
    at = said.where((said.name == 'a') & (said.segment_start > 0)).order_by(said.pos)
    moments = at.select(said.text, moment=(said.segment_start + said.start).round(1)).collect().to_pandas()
    assert moments.to_dict('list') == {'text': ['good morning', 'and goodbye'], 'moment': [2.5, 3.3]}

    videos.delete(videos.name == 'b')
    assert (pieces.count(), said.count()) == (2, 4)


def test_what_was_seen_is_counted_and_drawn(videos: pxt.Table) -> None:
    frames = pxt.create_view('recordings.frames', videos, iterator=frame_iterator(videos.video, fps=1))
    frames.add_computed_column(found=detect(frames.frame, threshold=0.3))
    frames.add_computed_column(objects=frames.found.boxes.len())
    frames.add_computed_column(best=frames.found.scores[0].astype(pxt.Float))
    boxes = pxtf.vision.bboxes_draw(frames.frame, frames.found.boxes, labels=frames.found.label_text)
    frames.add_computed_column(drawn=boxes)

    seen = frames.where(has(frames.found, 'car')).order_by(frames.name, frames.pos)
    assert seen.select(frames.name, frames.frame_attrs['time'], frames.found.label_text[1]).limit(2).collect()[1] == {
        'name': 'a',
        'frameattrs_time': 1.0,
        'found_labeltext1': 'car',
    }
    counted = frames.group_by(frames.name).select(frames.name, n=pxtf.count(frames.pos), all=pxtf.sum(frames.objects))
    assert list(counted.order_by(frames.name).collect()) == [{'name': name, 'n': 4, 'all': 8} for name in 'ab']
    film = frames.group_by(videos).select(film=pxtf.video.make_video(frames.pos, frames.drawn, fps=2))
    assert [films.size(path) for path in film.collect()['film']] == [(64, 48)] * 2

    labelled = frames.found.boxes.map(lambda box: {'bbox': box, 'category': 'thing'})
    path = frames.where(frames.name == 'a').select({'image': frames.frame, 'annotations': labelled}).to_coco_dataset()
    coco = json.loads(path.read_text())
    assert (len(coco['images']), len(coco['annotations']), coco['categories']) == (4, 8, [{'id': 0, 'name': 'thing'}])
    assert frames.recompute_columns('found', where=frames.name == 'b').num_rows == 4
