"""Files that are no media: what is wrong with each is said in its cell, or by the insert, and the rest goes on."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import films
import PIL.Image
import pytest

import pixeltable as pxt


def picture(format_: str = 'PNG') -> bytes:
    file = io.BytesIO()
    PIL.Image.effect_noise((64, 48), 80).convert('RGB').save(file, format_)
    return file.getvalue()


def flipped(content: bytes) -> bytes:
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


def bomb() -> bytes:
    """A small JPEG file that says it is of 3.6 gigapixels."""
    content = bytearray(picture('JPEG'))
    frame = content.index(b'\xff\xc0')
    content[frame + 5 : frame + 9] = (60_000).to_bytes(2) * 2
    return bytes(content)


def film(path: Path, **how: Any) -> bytes:
    return films.film(path, **how).read_bytes()


def without_frames(path: Path) -> bytes:
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, 'yuv420p'
        container.start_encoding()
    return path.read_bytes()


def without_samples(path: Path) -> bytes:
    with wave.open(str(path), 'wb') as file:
        file.setparams((1, 2, 16000, 0, 'NONE', ''))
    return path.read_bytes()


BAD: dict[str, tuple[type, Callable[[Path], bytes], str]] = {
    'empty.png': (pxt.Image, lambda _: b'', 'its format is not known'),
    'truncated.png': (pxt.Image, lambda _: picture()[:2000], 'truncated'),
    'truncated.jpg': (pxt.Image, lambda _: picture('JPEG')[:700], 'truncated'),
    'flipped.png': (pxt.Image, lambda _: flipped(picture()), 'cannot be read as an image'),
    'bomb.jpg': (pxt.Image, lambda _: bomb(), 'decompression bomb'),
    'text.jpg': (pxt.Image, lambda _: b'I am text', 'its format is not known'),
    'sound.gif': (pxt.Image, lambda path: films.sound(path.with_suffix('.wav')).read_bytes(), 'format is not known'),
    'empty.mp4': (pxt.Video, lambda _: b'', 'cannot be read as video'),
    'zeros.mp4': (pxt.Video, lambda _: b'\0' * 4000, 'cannot be read as video'),
    'truncated.mp4': (pxt.Video, lambda path: film(path)[:3000], 'cannot be read as video'),
    'picture.mp4': (pxt.Video, lambda _: picture(), 'it has 1 frame'),
    'single.mp4': (pxt.Video, lambda path: film(path, frames=1, sound=False), 'it has 1 frame'),
    'no_frames.mkv': (pxt.Video, without_frames, 'cannot be read as video'),
    'sound.mp4': (pxt.Video, lambda path: films.sound(path.with_suffix('.wav')).read_bytes(), 'has no video'),
    'empty.wav': (pxt.Audio, lambda _: b'', 'cannot be read as audio'),
    'no_samples.wav': (pxt.Audio, without_samples, 'it has no samples'),
    'silent.mp4': (pxt.Audio, lambda path: film(path, sound=False), 'has no audio'),
    'text.mp3': (pxt.Audio, lambda _: b'I am text', 'cannot be read as audio'),
}


def good(kind: type, folder: Path) -> Path:
    if kind is pxt.Video:
        return films.film(folder / 'good.mp4')
    if kind is pxt.Audio:
        return films.sound(folder / 'good.wav')
    (folder / 'good.png').write_bytes(picture())
    return folder / 'good.png'


@pytest.fixture(params=BAD)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[type, Path, Path, str]:
    """The kind of a bad file, its path, that of a good one, and what is said."""
    kind, make, words = BAD[request.param]
    (path := tmp_path / request.param).write_bytes(make(path))
    return kind, path, good(kind, tmp_path), words


@pxt.udf
def looked_at(image: pxt.Image) -> int:
    return image.getpixel((0, 0))[0]


def uses(kind: type, column: Any) -> Any:
    """Something that reads all of a value."""
    if kind is pxt.Image:
        return looked_at(column)
    return column.resize(width=32) if kind is pxt.Video else column.normalize()


def test_the_rest_goes_on(case) -> None:
    kind, bad, fine, words = case
    t = pxt.create_table('t', {'k': pxt.Int, 'm': kind})
    t.add_computed_column(used=uses(kind, t.m))
    with pytest.warns(pxt.PixeltableWarning, match='cells? failed'):
        status = t.insert([{'k': 1, 'm': fine}, {'k': 2, 'm': bad}, {'k': 3, 'm': fine}])
    assert status.num_rows == 3
    rows = t.select(t.k, t.m.errortype, t.m.errormsg, t.used.errortype).order_by(t.k).collect()
    assert [row['m_errortype'] for row in rows] == [None, 'RequestError', None]
    assert words in rows[1]['m_errormsg']
    assert [row['used_errortype'] for row in rows] == [None, 'InputError', None]


def test_abort_inserts_nothing(case) -> None:
    kind, bad, fine, words = case
    t = pxt.create_table('t', {'m': kind})
    with pytest.raises(pxt.RequestError, match=f"column 'm', row 1: .*{words}") as raised:
        t.insert([{'m': fine}, {'m': bad}], on_error='abort')
    assert raised.value.error_code is pxt.ErrorCode.INVALID_DATA_FORMAT
    assert t.count() == 0


def test_on_read_it_shows_when_it_is_used(case) -> None:
    kind, bad, fine, _ = case
    t = pxt.create_table('t', {'k': pxt.Int, 'm': kind}, media_validation='on_read')
    assert t.insert([{'k': 1, 'm': bad}, {'k': 2, 'm': fine}]).num_excs == 0
    if bad.name in ('picture.mp4', 'single.mp4'):  # which can be used
        t.add_computed_column(used=uses(kind, t.m))
        return
    with pytest.warns(pxt.PixeltableWarning, match='cells? failed'):
        t.add_computed_column(used=uses(kind, t.m))
    found = t.select(t.used.errortype).order_by(t.k).collect()['used_errortype']
    assert found[0] in ('RequestError', 'NotFoundError')
    assert found[1] is None


def test_the_wrong_name_does_not_matter(tmp_path: Path) -> None:
    os.rename(films.film(tmp_path / 'a.mp4'), tmp_path / 'a.jpg')
    (tmp_path / 'b.txt').write_bytes(picture('JPEG'))
    t = pxt.create_table('t', {'img': pxt.Image, 'clip': pxt.Video})
    assert t.insert(img=tmp_path / 'b.txt', clip=tmp_path / 'a.jpg').num_excs == 0
    assert t.select(looked_at(t.img), t.clip.get_duration()).collect()[0]['get_duration'] == 2.0


def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PIL.Image.new('1', (3000, 3000)).save(tmp_path / 'bomb.png')
    monkeypatch.setattr(PIL.Image, 'MAX_IMAGE_PIXELS', 1_000_000)
    t = pxt.create_table('t', {'img': pxt.Image})
    with pytest.warns(pxt.PixeltableWarning, match='decompression bomb'):
        t.insert([{'img': tmp_path / 'bomb.png'}, {'img': good(pxt.Image, tmp_path)}])
    assert t.where(t.img != None).count() == 1  # noqa: E711


@pytest.mark.parametrize('make', [os.mkdir, os.mkfifo])
@pytest.mark.parametrize('kind', [pxt.Image, pxt.Video, pxt.Audio])
def test_what_is_no_file(kind: type, make, tmp_path: Path) -> None:
    path = good(kind, tmp_path)
    t = pxt.create_table('t', {'k': pxt.Int, 'm': kind})
    make(tmp_path / 'x')
    with pytest.raises(pxt.RequestError, match='there is no file'):
        t.insert(k=0, m=tmp_path / 'x')
    (tmp_path / 'fine').write_bytes(path.read_bytes())
    t.insert([{'k': 1, 'm': path}, {'k': 2, 'm': tmp_path / 'fine'}])
    path.unlink()
    make(path)
    with pytest.warns(pxt.PixeltableWarning, match='1 cell failed'):
        t.add_computed_column(used=uses(kind, t.m))
    assert t.select(t.used.errortype).order_by(t.k).collect()['used_errortype'][1] is None


def test_names_of_any_bytes_and_any_length(tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b'/\xff\xfe%#?\n.png')
    long = tmp_path / ('x' * 251 + '.png')
    for path in (Path(odd), long):
        path.write_bytes(picture())
    t = pxt.create_table('t', {'img': pxt.Image})
    assert t.insert([{'img': Path(odd)}, {'img': long}]).num_excs == 0
    assert [image.size for image in t.collect()['img']] == [(64, 48)] * 2
    assert None not in t.select(looked_at(t.img)).collect()['looked_at']
    for missing in ('x' * 300, 'x/' * 3000, 'nul\0'):
        with pytest.raises(pxt.RequestError):
            t.insert(img=missing)


PROGRAM = """
import sys, warnings
import pixeltable as pxt
warnings.simplefilter('ignore')
pxt.init({'pixeltable.home': sys.argv[1], 'pixeltable.verbosity': 0})
t = pxt.create_table('t', {'img': pxt.Image})
t.insert([{'img': sys.argv[2]}, {'img': sys.argv[3]}])
for row in t.select(t.img.errortype, t.img.errormsg).collect():
    print(row['img_errortype'], row['img_errormsg'])
"""


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    fine, secret = good(pxt.Image, tmp_path), tmp_path / 'secret.png'
    secret.write_bytes(picture())
    secret.chmod(0)
    command = [sys.executable, '-c', PROGRAM, tmp_path / 'other', secret, fine]
    if os.geteuid() == 0:  # who may read everything, but for this
        command = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', *command]
    done = subprocess.run(command, capture_output=True, text=True)
    first, second = done.stdout.splitlines() or [done.stderr, '']
    assert first.startswith('RequestError')
    assert first.endswith('Permission denied.')
    assert second == 'None None'


def test_a_file_that_vanishes_meanwhile(tmp_path: Path) -> None:
    paths = [tmp_path / f'{number}.png' for number in range(40)]
    for path in paths:
        path.write_bytes(picture())
    t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    t.insert([{'k': number, 'img': path} for number, path in enumerate(paths)])

    @pxt.udf
    def reading(image: pxt.Image, k: int) -> int:
        if k == 0:
            os.unlink(gone)
        return image.width

    gone = str(paths[39])
    with pytest.warns(pxt.PixeltableWarning, match='is not there any more'):
        t.add_computed_column(width=reading(t.img, t.k))
    assert t.where(t.width == 64).count() == 39
    assert t.where(t.width.errortype == 'NotFoundError').select(t.k).collect()['k'] == [39]


def test_content_that_changes_between_two_reads(tmp_path: Path) -> None:
    path = tmp_path / 'a.bmp'
    PIL.Image.new('RGB', (64, 48), 'red').save(path)
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert(img=path)
    image = t.collect()['img'][0]  # of which only the header is read
    PIL.Image.new('RGB', (64, 48), 'blue').save(path)
    with pytest.raises(OSError, match='was changed while it was read'):
        image.load()
    with pytest.warns(pxt.PixeltableWarning, match='has changed since'):
        assert t.collect()['img'][0].getpixel((0, 0)) == (0, 0, 255)
