"""`pxt optimize`."""

from __future__ import annotations

import argparse

HELP = 'Puts small files together and leaves deleted rows behind, so that tables are read faster.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('table', nargs='?', help='the path of a table; all tables by default')


def run(arguments: argparse.Namespace) -> int:
    import pixeltable as pxt

    for path in pxt.list_tables() if arguments.table is None else [arguments.table]:
        table = pxt.get_table(path)
        assert table is not None
        if table.get_metadata()['kind'] == 'snapshot' and arguments.table is None:
            continue
        print(f'{path}: {pxt.Table.optimize(table).message}')
    return 0
