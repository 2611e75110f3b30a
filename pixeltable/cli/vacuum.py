"""`pxt vacuum`."""

from __future__ import annotations

import argparse
import datetime

HELP = 'Removes what no version needs that is kept: old versions, replaced files, leftovers of crashed writers.'

_UNITS = {'d': 'days', 'h': 'hours', 'm': 'minutes', 's': 'seconds'}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('table', nargs='?', help='the path of a table; all tables by default')
    parser.add_argument(
        '--retain',
        type=retained,
        metavar='N',
        help="the versions to keep: a number, or an age such as 7d, 12h, 30m; by default each table's retention",
    )


def retained(text: str) -> int | datetime.timedelta:
    """`'10'` as a number of versions, `'7d'` as an age."""
    number, unit = text[:-1], text[-1:]
    try:
        return datetime.timedelta(**{_UNITS[unit]: float(number)}) if unit in _UNITS else int(text)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(
            f'{text!r} is neither a number of versions nor an age such as 7d, 12h, 30m'
        ) from error


def run(arguments: argparse.Namespace) -> int:
    import pixeltable as pxt

    if arguments.table is None:
        print(pxt.vacuum(arguments.retain).message)
    else:
        table = pxt.get_table(arguments.table)
        assert table is not None
        print(pxt.Table.vacuum(table, arguments.retain).message)
    return 0
