"""Documentation that has gone stale fails here: its examples run, and what it lists is what there is."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from ready import MODELS, PIXELTABLE, printed

from pixeltable.config.settings import KEYS

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / 'docs' / 'guides').glob('*.md'))
PAGES = [*sorted((ROOT / 'docs').rglob('*.md')), *sorted(ROOT.glob('*.md'))]


def blocks(page: Path) -> str:
    """The Python blocks of a page as one program; a block after `<!-- not run -->` is left out."""
    found = re.findall(r'(<!-- not run -->\n+)?```python\n(.*?)```', page.read_text(), flags=re.DOTALL)
    return '\n'.join(text for skipped, text in found if not skipped)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize('page', [*EXAMPLES, ROOT / 'README.md'], ids=name_of)
def test_examples_run(page: Path, tmp_path: Path) -> None:
    script = tmp_path / 'example.py'
    script.write_text(blocks(page))
    environment = os.environ | {'PIXELTABLE_HOME': str(tmp_path / 'home')}
    libraries = MODELS if 'sentence_transformer' in script.read_text() else PIXELTABLE
    printed(script, environment=environment, folder=tmp_path, libraries=libraries)


@pytest.mark.parametrize('name', KEYS)
def test_every_setting_is_documented(name: str) -> None:
    assert f'| `{name}` |' in (ROOT / 'docs' / 'settings.md').read_text()


@pytest.mark.parametrize('page', PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r'\]\((?!https?:)([^)#\s]+)', page.read_text())
    made = {'contributing.md', 'changelog.md', 'reference/index.md'}
    missing = [target for target in targets if target not in made and not (page.parent / target).exists()]
    assert missing == []


def test_every_target_is_documented() -> None:
    targets = set(re.findall(r'^([a-z-]+):.*##', (ROOT / 'Makefile').read_text(), flags=re.MULTILINE))
    text = (ROOT / 'CONTRIBUTING.md').read_text()
    assert [
        target for target in targets - {'help', 'setup', 'clean', 'tighten'} if f'`make {target}`' not in text
    ] == []


def test_every_decision_is_listed() -> None:
    listed = (ROOT / 'docs' / 'decisions' / 'README.md').read_text()
    assert all(f']({page.name})' in listed for page in (ROOT / 'docs' / 'decisions').glob('[0-9]*.md'))


def test_the_newcomers_page_stays_short() -> None:
    assert len((ROOT / 'CONTRIBUTING.md').read_text().splitlines()) < 100
