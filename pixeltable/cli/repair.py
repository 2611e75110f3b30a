"""`pxt repair`."""

from __future__ import annotations

import argparse

HELP = 'Makes again what is damaged and can be computed. The exit status is 1 if something remains.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('table', nargs='?', help='the path of a table; all tables by default')


def run(arguments: argparse.Namespace) -> int:
    import pixeltable as pxt

    report = pxt.repair(arguments.table)
    print(report)
    return 0 if report.ok else 1
