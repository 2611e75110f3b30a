"""`pxt ls`."""

from __future__ import annotations

import argparse

HELP = 'Lists directories and tables.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('path', nargs='?', default='', help='a directory; everything by default')


def run(arguments: argparse.Namespace) -> int:
    import pixeltable as pxt

    rows = [(path, 'directory', '', '') for path in pxt.list_dirs(arguments.path)]
    for path in pxt.list_tables(arguments.path):
        table = pxt.get_table(path)
        assert table is not None
        metadata = table.get_metadata()
        kind = metadata['kind'] if metadata['path'] == path else 'snapshot'
        rows.append((path, kind, str(metadata['version']), f'{table.count():,}'))
    _print(sorted(rows))
    return 0


def _print(rows: list[tuple[str, str, str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    listing = Table('path', 'kind', box=None, pad_edge=False)
    for title in ('version', 'rows'):
        listing.add_column(title, justify='right')
    for row in rows:
        listing.add_row(*row)
    Console().print(listing)
