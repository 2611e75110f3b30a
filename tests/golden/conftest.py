"""Homes that earlier releases wrote. `tools/golden_home.py` made them; they are never changed."""

from __future__ import annotations

import importlib.util
import io
import json
import lzma
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

GOLDEN = Path(__file__).parent
FORMATS = sorted(path.name for path in GOLDEN.glob('format_*'))


@pytest.fixture(scope='session')
def description() -> ModuleType:
    """Describes what a home shows."""
    spec = importlib.util.spec_from_file_location('description', GOLDEN / 'description.py')
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def moved(home: Path, made_at: str) -> None:
    """The catalog names the data root of a table's own by its whole URL, and the home was made in another place."""
    old, new = Path(made_at).as_uri(), home.as_uri()
    with closing(sqlite3.connect(home / 'catalog.db')) as connection, connection:
        connection.execute(
            'UPDATE tables SET doc = replace(doc, :old, :new) WHERE instr(doc, :old)', {'old': old, 'new': new}
        )
        connection.execute(
            'UPDATE files SET path = replace(path, :old, :new) WHERE instr(path, :old)', {'old': old, 'new': new}
        )


@pytest.fixture
def unpack(tmp_path: Path, description: ModuleType) -> Callable[[str], Path]:
    """`unpack('format_1')` makes that home at `tmp_path / 'home'`."""

    def unpacked(name: str) -> Path:
        content = lzma.decompress((GOLDEN / name / 'home.tar.xz').read_bytes())
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(tmp_path / 'home', filter='data')
        moved(tmp_path / 'home', description.MADE_AT)
        return tmp_path / 'home'

    return unpacked


@pytest.fixture(scope='session')
def expected() -> Callable[[str], Any]:
    """What must be read from a golden home."""
    return lambda name: json.loads(lzma.decompress((GOLDEN / name / 'expected.json.xz').read_bytes()))


@pytest.fixture
def home_of(tmp_path: Path) -> Callable[[], Path]:
    """Where the home of the test lies."""
    return lambda: tmp_path / 'home'


@pytest.fixture(params=FORMATS)
def old_home(request: Any, unpack: Any, reopen: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Opens a golden home, which everything in `pxt` uses then; its name."""
    monkeypatch.syspath_prepend(GOLDEN)  # for its functions
    unpack(request.param)
    reopen()
    name: str = request.param
    return name
