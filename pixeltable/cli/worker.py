"""`pxt worker`."""

from __future__ import annotations

import argparse
import signal
import threading

HELP = 'Carries out jobs in the background, until it is stopped by Ctrl-C or SIGTERM.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--threads', type=int, metavar='N', help='parts of jobs to compute at once')
    parser.add_argument('--once', action='store_true', help='ends when no job is left')


def run(arguments: argparse.Namespace) -> int:
    from pixeltable.api.jobs import carry_out_jobs

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    carry_out_jobs(arguments.threads, stopped, once=arguments.once, tell=lambda job: print(job, flush=True))
    return 0
