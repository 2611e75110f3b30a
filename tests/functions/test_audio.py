from __future__ import annotations

from pathlib import Path

import films
import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.functions import audio as pxta

pytestmark = pytest.mark.usefixtures('run_at_once')


@pytest.fixture
def tone(tmp_path: Path) -> str:
    return str(films.sound(tmp_path / 'a.wav'))


def loudness(path: str, start: float, end: float) -> float:
    return float(np.abs(films.samples(path)[0, round(start * films.RATE) : round(end * films.RATE)]).max())


def test_metadata(tone: str) -> None:
    stream = pxta.get_metadata(tone)['streams'][0]
    assert (stream['type'], stream['codec_context']['sample_rate']) == ('audio', 16000)


def test_volume(tone: str) -> None:
    assert loudness(pxta.multiply_volume(tone, factor=0.5), 0.1, 1.9) == pytest.approx(0.15, abs=0.01)
    part = pxta.multiply_volume(tone, factor=0.0, start_time=1.0, end_time=1.5)
    assert loudness(part, 1.1, 1.4) < 0.01
    assert loudness(part, 1.6, 1.9) > 0.2
    assert loudness(pxta.normalize(tone), 0.1, 1.9) > 0.95
    with pytest.raises(pxt.RequestError):
        pxta.multiply_volume(tone, factor=-1)


@pytest.mark.parametrize(
    ('suffix', 'kept'),
    [
        ('.ogg', '.ogg'),
        ('.mka', '.mka'),
        ('.MKV', '.mkv'),
        ('.m4a', '.m4a'),
        ('.jpg', '.wav'),
        ('.wma', '.wav'),
        ('', '.wav'),
    ],
)
def test_the_format_stays_if_it_can_be_written(suffix: str, kept: str, tone: str, tmp_path: Path) -> None:
    path = tmp_path / f'b{suffix}'
    path.write_bytes(Path(tone).read_bytes())
    made = pxta.normalize(str(path))
    assert Path(made).suffix == kept
    assert loudness(made, 0.1, 1.9) > 0.8


def test_fades(tone: str) -> None:
    assert loudness(pxta.fade_in(tone, duration=1.0), 0.0, 0.1) < 0.05
    assert loudness(pxta.fade_out(tone, duration=1.0), 1.9, 2.0) < 0.05
    with pytest.raises(pxt.RequestError):
        pxta.fade_in(tone, duration=0.0)


@pytest.mark.parametrize('format_', ['wav', 'mp3', 'flac', 'ogg', 'm4a'])
def test_encoding(format_: str) -> None:
    path = pxta.encode_audio(np.zeros((2, 16000), np.float32), input_sample_rate=16000, format=format_)
    assert films.seconds(path) == pytest.approx(1.0, abs=0.1)


def test_what_cannot_be_encoded() -> None:
    for data, format_ in ((np.zeros((3, 5)), 'wav'), (np.zeros(0), 'wav'), (np.zeros(5), 'nonsense')):
        with pytest.raises(pxt.RequestError):
            pxta.encode_audio(data, input_sample_rate=16000, format=format_)


def test_resampling() -> None:
    path = pxta.encode_audio(np.zeros(16000), input_sample_rate=16000, format='wav', output_sample_rate=8000)
    assert pxta.get_metadata(path)['streams'][0]['codec_context']['sample_rate'] == 8000
