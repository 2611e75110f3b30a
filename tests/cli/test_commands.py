"""Every command does what it says, and says so by its exit status."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import pixeltable as pxt
from pixeltable.api.default import session
from pixeltable.catalog.tables import files
from pixeltable.cli.main import COMMANDS, parser
from pixeltable.cli.vacuum import retained

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


def damage(column: str) -> None:
    with session().catalog._database.write() as connection:
        connection.execute(files.update().where(files.c.columns.like(f'%"{column}"%')).values(data=b'\0'))


def test_verify(command, home, t) -> None:
    status, out, _ = command('verify')
    assert status == 0
    assert 'nothing is wrong' in out
    assert '3 computed cells' in command('verify', 't', '--sample', '3')[1]
    damage('b')
    status, out, _ = command('verify')
    assert status == 1
    assert "table 't', file" in out


def test_repair(command, home, t) -> None:
    assert command('repair')[0] == 0
    damage('b')
    status, out, _ = command('repair', 't')
    assert status == 0
    assert "'b' of 10 rows computed again" in out
    assert command('verify')[0] == 0
    damage('a')
    status, out, _ = command('repair')
    assert status == 1
    assert 'cannot be repaired' in out


def test_ls(command, t) -> None:
    pxt.create_dir('d')
    pxt.create_table('d/other', {'a': pxt.Int})
    pxt.create_snapshot('d/kept', t)
    status, out, _ = command('ls')
    assert status == 0
    assert [line.split() for line in out.splitlines()] == [
        ['path', 'kind', 'version', 'rows'],
        ['d', 'directory'],
        ['d/kept', 'snapshot', '2', '10'],
        ['d/other', 'table', '0', '0'],
        ['t', 'table', '2', '10'],
    ]
    assert 'd/other' in command('ls', 'd')[1]


def test_optimize_and_vacuum(command, t) -> None:
    for a in range(3):
        t.insert([{'a': a}])
    pxt.create_snapshot('kept', t)
    status, out, _ = command('optimize')
    assert status == 0
    assert out.startswith('t: Optimized')
    assert command('optimize', 't')[0] == 0
    assert command('vacuum')[1].startswith('Vacuumed 0 versions')
    status, out, _ = command('vacuum', 't', '--retain', '1')
    assert status == 0
    assert out.startswith('Vacuumed 5 versions')


def test_ages() -> None:
    assert retained('10') == 10
    assert retained('1.5h').total_seconds() == 5400
    for text in ('', 'd', 'seven', '7y', '1e999d'):
        with pytest.raises(Exception, match='is neither a number of versions'):
            retained(text)


def test_another_process(home, t) -> None:
    run = subprocess.run(
        [sys.executable, '-m', 'pixeltable.cli.main', '--home', str(home), 'verify'], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert 'nothing is wrong' in run.stdout


def test_every_command_and_option_is_documented(capsys) -> None:
    page = (ROOT / 'docs' / 'cli.md').read_text()
    for name in COMMANDS:
        assert f'## `pxt {name}`' in page
        with pytest.raises(SystemExit):
            parser().parse_args([name, '--help'])
        options = set(re.findall(r'--\w+', capsys.readouterr().out)) - {'--help'}
        assert [option for option in options if f'`{option}' not in page] == []


def test_the_command_is_installed() -> None:
    import tomllib

    scripts = tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']['scripts']
    assert scripts == {'pxt': 'pixeltable.cli.main:main'}


def test_help_loads_nothing_heavy() -> None:
    heavy = ['pyarrow', 'duckdb', 'rich', 'sqlalchemy']
    code = f'import sys, pixeltable.cli.main as m; m.parser(); print([n for n in {heavy} if n in sys.modules])'
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == '[]'
