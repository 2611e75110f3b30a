"""`pxt jobs`."""

from __future__ import annotations

import argparse

HELP = 'Lists the jobs in the background that are not over, or cancels one.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--all', action='store_true', help='those that are over, too')
    parser.add_argument('--cancel', type=int, metavar='ID', help='cancels the job with this number instead')


def run(arguments: argparse.Namespace) -> int:
    import pixeltable as pxt

    if arguments.cancel is not None:
        job = pxt.get_job(arguments.cancel)
        was_open = job.cancel()
        print(job if was_open else f'{job}; it was over already')
        return 0
    for job in pxt.jobs():
        if arguments.all or job.status in ('queued', 'running'):
            print(job)
    return 0
