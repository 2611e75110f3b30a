"""Media beside the bare libraries, each figure beside its target.

    .venv/bin/python benchmarks/run.py media footage

`media` takes a minute: frames, thumbnails, random frames, remote files. `footage` takes three: the memory that an hour of
video and 20,000 pictures need. Files are made first, and are not measured.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import measure
import numpy as np
import PIL.Image
from measure import once
from peak_memory import peak

import pixeltable as pxt
from pixeltable.functions.video import frame_iterator

TURNS = 3
SMALL = (128, 128)
PHOTOS = 200
PICTURES = 20_000
FILES, FILE_BYTES, LATENCY_S = 200, 1 << 20, 0.05


@pxt.udf
def seen(image: pxt.Image) -> int:
    """Next to nothing, with a picture."""
    return image.width


def film(path: Path, seconds: int, rate: int, size: tuple[int, int]) -> Path:
    """A film in which something moves."""
    width, height = size
    noise = np.random.default_rng(0).integers(0, 255, (height, width * 2, 3), np.uint8)
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=rate, options={'preset': 'ultrafast', 'crf': '30'})
        stream.width, stream.height, stream.pix_fmt = width, height, 'yuv420p'
        for number in range(seconds * rate):
            pixels = noise[:, number % width : number % width + width] // 4 + 90
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format='rgb24')))
        container.mux(stream.encode(None))
    return path


def photo(size: tuple[int, int]) -> bytes:
    """A JPEG file of about the detail that photos have."""
    file = io.BytesIO()
    PIL.Image.effect_noise((size[0] // 8, size[1] // 8), 60).resize(size).convert('RGB').save(file, 'JPEG', quality=85)
    return file.getvalue()


def frames(home: Path) -> list[list[str]]:
    """Where the frames of a film stand, all of them as pictures, and a thousand of them in any order."""
    path = film(home.parent / 'film.mp4', 80, 25, (640, 360))
    videos = pxt.create_table('videos', {'video': pxt.Video})
    videos.insert(video=path)
    view = pxt.create_view('frames', videos, iterator=frame_iterator(videos.video))
    count = view.count()
    view.add_computed_column(place=(view.pos * 7919) % count)
    some = view.where(view.place < 1000).order_by(view.place).select(seen(view.frame))

    def decoded() -> Iterator[Any]:
        with av.open(str(path)) as container:
            container.streams.video[0].thread_type = 'AUTO'
            yield from container.decode(video=0)

    def bare() -> None:
        for frame in decoded():
            seen.raw(frame.to_image())

    def split(turn: int) -> None:
        pxt.create_view(f'split{turn}', videos, iterator=frame_iterator(videos.video))

    plain, ours, mixed, alone, positions = [], [], [], [], []
    for turn in range(TURNS):
        alone.append(once(lambda: deque(decoded(), maxlen=0)))
        positions.append(once(lambda turn=turn: split(turn)))
        plain.append(once(bare))
        ours.append(once(lambda turn=turn: view.add_computed_column(**{f'w{turn}': seen(view.frame)})))
        mixed.append(once(some.collect))
    return [
        [
            f'a view of {count:,} frames',
            f'{count / min(positions):,.0f} frames/s',
            f'{min(alone) / min(positions):.2f} × decoding alone',
            '',
        ],
        [
            f'{count:,} frames as pictures',
            f'{count / min(ours):,.0f} frames/s',
            f'{min(plain) / min(ours):.2f} × PyAV',
            '0.95 ×',
        ],
        ['1,000 of them in any order', f'{min(mixed):.2f} s', f'{min(mixed) / min(plain):.2f} × one decode', '1.3 ×'],
    ]


def thumbnails(home: Path) -> list[list[str]]:
    """Small pictures of large photos."""
    folder = home.parent / 'photos'
    folder.mkdir()
    content = photo((2000, 1500))
    paths = [folder / f'{number}.jpg' for number in range(PHOTOS)]
    for path in paths:
        path.write_bytes(content)
    t = pxt.create_table('photos', {'img': pxt.Image})
    t.insert([{'img': path} for path in paths])

    def one(path: Path) -> int:
        with PIL.Image.open(path) as image:
            # It calls `draft`. The filter is the default of ours.
            image.thumbnail(SMALL, PIL.Image.Resampling.LANCZOS)
            return image.width

    def bare() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(one, paths))

    plain, ours = [], []
    for _ in range(TURNS):
        plain.append(once(bare))
        ours.append(once(t.select(seen(t.img.thumbnail(SMALL))).collect))
    return [[f'{PHOTOS} thumbnails', f'{PHOTOS / min(ours):,.0f}/s', f'{min(plain) / min(ours):.2f} × Pillow', '0.9 ×']]


class Slow(BaseHTTPRequestHandler):
    """Answers late."""

    protocol_version = 'HTTP/1.1'

    def do_GET(self) -> None:
        time.sleep(LATENCY_S)
        self.send_response(200)
        self.send_header('Content-Length', str(FILE_BYTES))
        self.end_headers()
        self.wfile.write(b'word ' * (FILE_BYTES // 5) + b' ' * (FILE_BYTES % 5))

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def serve() -> None:
    """A server that prints its port and ends with its standard input."""
    server = ThreadingHTTPServer(('127.0.0.1', 0), Slow)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever)
        sys.stdin.read()
        server.shutdown()


def remote(home: Path) -> list[list[str]]:
    """Files from a server that is far away."""
    command = [sys.executable, __file__, 'serve']
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        t = pxt.create_table('remote', {'doc': pxt.Document})
        rows = [{'doc': f'http://127.0.0.1:{port}/{number}.txt'} for number in range(FILES)]
        seconds = once(lambda: t.insert(rows))
    return [[f'insert of {FILES} remote files of 1 MB', f'{seconds:.2f} s', '', '3 s']]


def media(home: Path) -> None:
    """Prints the figures of `media`."""
    lines = [*frames(home), *thumbnails(home), *remote(home)]
    measure.show('Media', ['', 'measured', 'beside the bare library', 'target'], lines)


def footage(home: Path) -> None:
    """Prints how much memory long films and many pictures take, each in a process of its own."""
    lines = []
    for what in MEMORY:
        command = [sys.executable, __file__, what, str(home / what.replace(' ', '_'))]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        lines.append([what, f'{json.loads(done.stdout.splitlines()[-1]):,.0f} MiB', '500 MiB'])
    measure.show('Memory above the start', ['', 'measured', 'target'], lines)


def memory_of_video(home: Path) -> None:
    """Prints the MiB that inserting an hour of video, its frames, and a column over them take."""
    path = film(home.parent / 'hour.mp4', 3600, 10, (320, 180))
    before = peak()
    videos = pxt.create_table('videos', {'video': pxt.Video})
    videos.insert(video=path)
    view = pxt.create_view('frames', videos, iterator=frame_iterator(videos.video))
    view.add_computed_column(seen=seen(view.frame))
    print(json.dumps(peak() - before))


def memory_of_pictures(home: Path) -> None:
    """Prints the MiB that inserting pictures and a column over them take."""
    folder = home.parent / 'pictures'
    folder.mkdir()
    content = photo((640, 480))
    for number in range(PICTURES):
        (folder / f'{number}.jpg').write_bytes(content)
    before = peak()
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert({'img': str(path)} for path in sorted(folder.iterdir()))
    t.add_computed_column(seen=seen(t.img))
    print(json.dumps(peak() - before))


PARTS: dict[str, Callable[[Path], None]] = {'media': media, 'footage': footage}
MEMORY = {'an hour of video': memory_of_video, f'{PICTURES:,} pictures': memory_of_pictures}


def main() -> None:
    """Runs the part `argv[1]` in the home `argv[2]`."""
    if sys.argv[1] == 'serve':
        serve()
        return
    home = Path(sys.argv[2])
    pxt.init({'pixeltable.home': home, 'pixeltable.verbosity': 0, 'pixeltable.show_progress': False})
    (PARTS | MEMORY)[sys.argv[1]](home)


if __name__ == '__main__':
    main()
