"""A forked child of a process that works with tables works with them too.

It must end as those of `multiprocessing` do, with `os._exit`: DuckDB does not survive the end of a forked interpreter.
"""

from __future__ import annotations

import io
from pathlib import Path

import films
import PIL.Image
import pytest
from ready import Program, script
from web import web

SCRIPT = """
import os, sys
import pixeltable as pxt

@pxt.udf
def tripled(n: int) -> int:
    return n * 3

pxt.init({'home': sys.argv[1], 'verbosity': 0, 'show_progress': False})
t = pxt.create_table('t', {'n': pxt.Int})
t.add_computed_column(triple=tripled(t.n))
t.insert([{'n': 1}])
t.where(t.n > 0).collect()
children = []
for number in range(2):
    child = os.fork()
    if child == 0:
        own = t if number else pxt.get_table('t')
        own.insert([{'n': 10 + number}])
        own.where(own.n > 0).collect()
        os._exit(0)
    children.append(child)
statuses = [os.waitpid(child, 0)[1] for child in children]
t.insert([{'n': 2}])
print(statuses, sorted(row['triple'] for row in t.where(t.n > 0).collect()))
"""

MEDIA = """
import os, sys
import pixeltable as pxt
from pixeltable.functions.video import frame_iterator

@pxt.udf
def width(image: pxt.Image) -> int:
    return image.width

home, film, site = sys.argv[1:]
pxt.init({'home': home, 'verbosity': 0, 'show_progress': False})
t = pxt.create_table('t', {'video': pxt.Video})
t.insert(video=film)
frames = pxt.create_view('frames', t, iterator=frame_iterator(t.video))
pictures = pxt.create_table('pictures', {'img': pxt.Image}, media_validation='on_read')
pictures.insert([{'img': f'{site}/{number}.png'} for number in range(4)])
frames.select(width(frames.frame)).limit(3).collect()
pictures.select(width(pictures.img)).limit(1).collect()
children = []
for number in range(2):
    child = os.fork()
    if child == 0:
        widths = frames.select(width(frames.frame)).collect()['width'] + pictures.select(width(pictures.img)).collect()['width']
        os._exit(widths != [64] * 20 + [20] * 4)
    children.append(child)
widths = frames.select(width(frames.frame)).collect()['width']
statuses = [os.waitpid(child, 0)[1] for child in children]
print(statuses, widths == [64] * 20)
"""


@pytest.mark.usefixtures('catalog_url')
def test_children_read_media(tmp_path: Path) -> None:
    picture = io.BytesIO()
    PIL.Image.new('RGB', (20, 10)).save(picture, 'PNG')
    film = films.film(tmp_path / 'a.mp4', sound=False)
    with web() as site:
        for number in range(4):
            site.put(f'/{number}.png', picture.getvalue())
        said = Program(script(MEDIA), tmp_path / 'home', film, site.url).communicate(timeout=60)
    assert said == ('[0, 0] True\n', '')
    assert len(site.requests) == 4


@pytest.mark.usefixtures('catalog_url')
def test_children_insert(tmp_path: Path) -> None:
    said = Program(script(SCRIPT), tmp_path / 'home', strict=True).communicate(timeout=60)
    assert said == ('[0, 0] [3, 6, 30, 33]\n', '')
