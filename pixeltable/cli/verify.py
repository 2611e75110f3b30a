"""`pxt verify`."""

from __future__ import annotations

import argparse

HELP = 'Checks all files and metadata. The exit status is 1 if something is wrong.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('table', nargs='?', help='the path of a table; all tables by default')
    parser.add_argument('--sample', type=int, metavar='N', help='cells of each computed column that are computed again')


def run(arguments: argparse.Namespace) -> int:
    import pixeltable as pxt

    sample = {} if arguments.sample is None else {'sample': arguments.sample}
    report = pxt.verify(arguments.table, **sample)
    print(report)
    return 0 if report.ok else 1
