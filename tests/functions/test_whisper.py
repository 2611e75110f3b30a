"""Whisper by its real package, with a tiny model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import films
import pytest
import tiny

import pixeltable as pxt
from pixeltable.functions.whisper import transcribe

pytestmark = pytest.mark.needs('whisper')


@pytest.fixture
def model(tmp_path: Path) -> str:
    return tiny.whisper(tmp_path)


@pytest.fixture
def sounds(home, tmp_path: Path) -> pxt.Table:
    table = pxt.create_table('sounds', {'sound': pxt.Audio | None})
    table.insert([{'sound': str(films.sound(tmp_path / 'a.wav'))}, {'sound': None}])
    return table


def heard(table: pxt.Table, expression: Any) -> list[Any]:
    return table.select(found=expression).order_by(table.id).collect()['found']


def test_segments_and_words(sounds, model) -> None:
    found, nothing = heard(sounds, transcribe(sounds.sound, model=model))
    assert (found['text'], found['language'], nothing) == (tiny.HEARD, 'en', None)
    (segment,) = found['segments']
    assert (segment['start'], segment['end'], segment['text']) == (0.0, 1.0, tiny.HEARD)
    words = heard(sounds, transcribe(sounds.sound, model=model, word_timestamps=True))[0]['segments'][0]['words']
    assert ''.join(word['word'] for word in words) == tiny.HEARD


def test_the_module_takes_the_model_of_the_configuration(sounds, model, monkeypatch) -> None:
    from pixeltable.functions import whisper

    monkeypatch.setenv('WHISPER_MODEL', model)
    assert heard(sounds, whisper(sounds.sound)) == [tiny.HEARD, None]


def test_the_module_takes_options(sounds, model) -> None:
    from pixeltable.functions import whisper

    assert heard(sounds, whisper(sounds.sound, model=model, word_timestamps=True)) == [tiny.HEARD, None]
    with pytest.raises(pxt.RequestError, match="Did you mean 'model'"):
        whisper(sounds.sound, modl='tiny')
    with pytest.raises(pxt.RequestError, match="needs the argument 'audio'"):
        whisper()


def test_a_film_without_sound_has_no_text(home, model, tmp_path: Path) -> None:
    videos = pxt.create_table('videos', {'video': pxt.Video})
    videos.insert([{'video': str(films.film(tmp_path / f'{sound}.mp4', sound=sound))} for sound in (True, False)])
    assert heard(videos, transcribe(videos.audio, model=model).text) == [tiny.HEARD, None]


def test_a_missing_model(sounds, tmp_path: Path) -> None:
    with pytest.raises(pxt.Error, match=r"the model '.*none.pt' cannot be loaded"):
        heard(sounds, transcribe(sounds.sound, model=str(tmp_path / 'none.pt')))


def test_without_the_package(sounds, monkeypatch) -> None:
    monkeypatch.setitem(__import__('sys').modules, 'whisper', None)
    with pytest.raises(pxt.Error, match=r'pixeltable\[whisper\]'):
        heard(sounds, transcribe(sounds.sound, model='base'))
