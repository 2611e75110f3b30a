"""The official client packages, against a server on loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import PIL.Image
import pytest
from wire import Wire

import pixeltable as pxt
from pixeltable.config.sections import SECTIONS
from pixeltable.exec.limits import limits
from pixeltable.udf.retry import Retry


@pytest.fixture(autouse=True)
def _fresh_home(_no_credentials: None, home: Path) -> None:
    pass


@pytest.fixture
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the developer are not used. Retries do not wait long."""
    monkeypatch.setattr(limits, 'Retry', lambda: Retry(attempts=3, first_wait=0.01))
    for section, keys in SECTIONS.items():
        for key in keys:
            monkeypatch.delenv(f'{section}_{key}'.upper(), raising=False)
    monkeypatch.delenv('GOOGLE_API_KEY', raising=False)
    for name in [name for name in os.environ if name.startswith('AWS_')]:
        monkeypatch.delenv(name)
    monkeypatch.setenv('AWS_CONFIG_FILE', os.devnull)
    monkeypatch.setenv('AWS_SHARED_CREDENTIALS_FILE', os.devnull)
    monkeypatch.setenv('AWS_EC2_METADATA_DISABLED', 'true')
    monkeypatch.setenv('AWS_DEFAULT_REGION', 'us-east-1')


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as server:
        yield server


@pytest.fixture
def t() -> pxt.Table:
    """A row with a text and a blue image."""
    table = pxt.create_table('t', {'text': pxt.String | None, 'img': pxt.Image | None})
    table.insert([{'text': 'hi', 'img': PIL.Image.new('RGB', (3, 2), 'blue')}])
    return table
