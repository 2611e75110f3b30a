"""Makes a golden home: a small home with some of everything, by the public API, and what must be read from it for ever.

    python tools/golden_home.py [folder]

writes `home.tar.xz` and `expected.json.xz` into `tests/golden/format_<n>`, where `n` is the format of the catalog that the
installed release writes; with PYTHONPATH it is another release. The same release gives the same bytes. A new format adds its own
tables in a file of its own, such as `golden_format_2.py`; what earlier ones had stays.
"""

from __future__ import annotations

import contextlib
import datetime
import getpass
import importlib
import io
import itertools
import json
import lzma
import os
import random
import secrets
import shutil
import sqlite3
import sys
import tarfile
import time
import uuid
import warnings
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parent.parent / 'tests' / 'golden'
_LATER = (('golden_format_2', 'vacuum'), ('golden_format_3', 'jobs'), ('golden_format_4', 'create_view'))
MODULES = ('golden_functions', 'golden_changing')
_UTC = datetime.UTC


def start(home: Path) -> None:
    """Opens `home` as a new process would: with modules of functions as they are in their files."""
    import pixeltable as pxt
    from pixeltable.api import default

    if default._session is not None:
        default._session.close()
        default._session = None
    for name in MODULES:
        sys.modules.pop(name, None)
    pxt.init({'pixeltable.home': str(home), 'pixeltable.time_zone': 'UTC', 'pixeltable.verbosity': 0})


def build(home: Path) -> None:
    """Fills the new folder `home`."""
    import pixeltable as pxt

    start(home)
    for path in ('empty', 'library', 'library/old'):
        pxt.create_dir(path)
    _kinds(pxt)
    _books(pxt)
    _drops(pxt)
    gone = pxt.create_table('library/gone', {'x': pxt.Int})
    gone.insert([{'x': 1}])
    pxt.drop_table('library/gone')
    for name, verb in _LATER:
        if hasattr(pxt, verb):  # which came with this format
            importlib.import_module(name).build(pxt, home, lambda: start(home))


def _kinds(pxt: Any) -> None:
    """Every type of column, nullable and not, with values at their limits; a key; comments; updates of a few rows."""
    types = {
        'string': pxt.String,
        'int': pxt.Int,
        'float': pxt.Float,
        'bool': pxt.Bool,
        'timestamp': pxt.Timestamp,
        'date': pxt.Date,
        'uuid': pxt.UUID,
        'binary': pxt.Binary,
        'json': pxt.Json,
        'vector': pxt.Array[(3,), pxt.Float],
        'matrix': pxt.Array[(2, 2), pxt.Int],
        'flags': pxt.Array[(3,), pxt.Bool],
        'anything': pxt.Array,
        'image': pxt.Image,
        'video': pxt.Video,
        'audio': pxt.Audio,
        'document': pxt.Document,
    }
    schema = {'key': pxt.Int} | {f'a_{name}': type_ for name, type_ in types.items()}
    schema |= {f'n_{name}': type_ | None for name, type_ in types.items()}
    t = pxt.create_table(
        'kinds', schema, primary_key='key', comment='one column of each type', custom_metadata={'made': ['by', 1]}
    )
    t.insert([_kinds_row(0, full=True), _kinds_row(1, full=False), _kinds_row(2, full=True)])
    t.add_computed_column(twice=t.a_int / 2, comment='half, in truth', custom_metadata=[1, None])
    t.add_computed_column(upper=t.a_string.upper(), stored=False)
    t.update({'n_int': 7, 'n_json': {'new': [1, 2.5, None]}, 'a_string': 'changed'}, where=t.key == 1)
    t.insert([_kinds_row(3, full=False)])
    t.delete(where=t.key == 0)
    pxt.snapshot('kinds', name='three-rows', tags=['stable', 'ünï'])


def _kinds_row(key: int, *, full: bool) -> dict[str, Any]:
    import numpy as np

    values = {
        'string': ('', 'naïve – 漢字 😀 "quoted" \'too\'\n\t\\', 'plain', 'x' * 300)[key],
        'int': (-(2**63), 2**63 - 1, 0, 42)[key],
        'float': (float('nan'), float('-inf'), -0.0, 1e-310)[key],
        'bool': key % 2 == 0,
        'timestamp': datetime.datetime((1, 1970, 9999, 2024)[key], 12, 31, 23, 59, 59, 999999, tzinfo=_UTC),
        'date': datetime.date((1, 1970, 9999, 2024)[key], 12, 31),
        'uuid': uuid.UUID(int=(0, 1, 2**128 - 1, 2**127)[key]),
        'binary': (b'', bytes(range(256)), b'\0', b'bytes')[key],
        'json': ({}, [1, [2, {'three': None}], 'vier', 5.5, True], 'text', -1)[key],
        'vector': np.array([key, -key / 3, 1e30], dtype=np.float32),
        'matrix': np.array([[key, 2], [-3, 2**40]]),
        'flags': np.array([True, False, key > 1]),
        'anything': (np.array(3.5), np.arange(6, dtype=np.int16).reshape(2, 3), np.array(['ab', 'c']), np.zeros(0))[
            key
        ],
        'image': f'https://example.com/{key}.png',
        'video': f's3://bucket/a folder/{key}.mp4',
        'audio': f'gs://bucket/{key}.wav',
        'document': f'https://example.com/{key}.pdf?a=b&c=d#e',
    }
    row = {'key': key} | {f'a_{name}': value for name, value in values.items()}
    return row | ({f'n_{name}': value for name, value in values.items()} if full else {})


def _books(pxt: Any) -> None:
    """Parquet and inlined segments, deletes of few rows and of many, and columns that come, change and go."""
    from golden_functions import picky, shout, vector  # type: ignore[import-not-found]

    t = pxt.create_table('library/books', {'title': pxt.String, 'pages': pxt.Int, 'rating': pxt.Float | None})
    t.insert(_books_rows(0, 600))
    t.add_computed_column(length=t.title.len() + t.pages)
    t.add_computed_column(loud=shout(t.title))
    t.add_computed_column(square=picky(t.pages), on_error='ignore')
    t.add_computed_column(more=t.square + 1)
    t.add_embedding_index('title', string_embed=vector, metric='ip')
    pxt.snapshot('library/books', name='first', tags=['a', 'b'])
    t.delete(where=t.pages == 17)
    t.update({'rating': t.rating + 1}, where=t.pages < 5)
    t.insert(_books_rows(600, 3))
    t.delete(where=(t.pages >= 100) & (t.pages < 400))
    t.add_column(note=pxt.String | None)
    t.update({'note': 'read'}, where=t.pages % 50 == 0)
    t.rename_column('rating', 'stars')
    pxt.create_snapshot('library/old/books', t, comment='as it was', custom_metadata={'by': 'hand'})
    t.recompute_columns('square', where=t.pages < 20)
    t.drop_column('note')
    t.insert(_books_rows(603, 200, rating='stars'))
    t.update({'title': 'mistake'})
    t.revert()
    pxt.restore('library/books', snapshot='first')
    t.insert(_books_rows(900, 2))
    t.delete(where=t.pages == 901)


def _books_rows(start: int, count: int, rating: str = 'rating') -> list[dict[str, Any]]:
    chance = random.Random(start)
    return [
        {
            'title': f'{chance.choice("abcdefgh") * 3} {"over and out " * 12}{number}',
            'pages': number,
            rating: None if number % 9 == 0 else chance.randrange(100) / 10,
        }
        for number in range(start, start + count)
    ]


def _drops(pxt: Any) -> None:
    """Many small inserts, enough for a flush, with updates and deletes between them."""
    t = pxt.create_table('drops', {'n': pxt.Int, 's': pxt.String | None})
    for number in range(100):
        t.insert([{'n': number, 's': None if number % 3 else str(number)}])
        if number % 25 == 24:
            t.update({'s': 'updated'}, where=t.n == number - 7)
            t.delete(where=t.n == number - 3)


def pack(home: Path) -> bytes:
    """The folder as a compressed archive that depends on nothing but names and contents."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w', format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(home.rglob('*')):
            info = tarfile.TarInfo(path.relative_to(home).as_posix())
            info.mode = 0o755 if path.is_dir() else 0o644
            info.type = tarfile.DIRTYPE if path.is_dir() else tarfile.REGTYPE
            content = b'' if path.is_dir() else path.read_bytes()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return lzma.compress(buffer.getvalue())


@contextlib.contextmanager
def _steady() -> Any:
    """Clocks and chance that give the same each time."""
    chance, ticks = random.Random(0), itertools.count(1_700_000_000_000_000_000, 1_000_000)
    changed: tuple[tuple[Any, str, Any], ...] = (
        (secrets, 'randbits', chance.getrandbits),
        (uuid, 'uuid4', lambda: uuid.UUID(int=chance.getrandbits(128), version=4)),
        (time, 'time_ns', lambda: next(ticks)),
        (time, 'perf_counter', lambda: 0.0),
        (getpass, 'getuser', lambda: 'golden'),
    )
    before = [(module, name, getattr(module, name)) for module, name, _ in changed]
    try:
        for module, name, value in changed:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(GOLDEN))
    warnings.simplefilter('ignore')
    os.environ['PIXELTABLE_VACUUM_GRACE_S'] = '0'
    from description import MADE_AT, describe  # type: ignore[import-not-found]

    home = Path(MADE_AT)
    home.mkdir()  # it belongs to whoever makes it
    try:
        with _steady():
            build(home)
        import pixeltable as pxt
        from pixeltable.api import default

        expected = describe(pxt)
        default.session().close()
        with contextlib.closing(sqlite3.connect(home / 'catalog.db')) as connection:
            (version,) = connection.execute("SELECT value FROM meta WHERE key = 'format_version'").fetchone()
        home_bytes = pack(home)
    finally:
        shutil.rmtree(home)
    (folder := Path(arguments[0]) if arguments else GOLDEN / f'format_{version}').mkdir(parents=True, exist_ok=True)
    (folder / 'home.tar.xz').write_bytes(home_bytes)
    text = json.dumps(expected, ensure_ascii=False).encode()
    (folder / 'expected.json.xz').write_bytes(lzma.compress(text))
    print(f'{folder}: {", ".join(f"{path.name} {path.stat().st_size:,} bytes" for path in sorted(folder.iterdir()))}')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
