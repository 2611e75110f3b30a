"""`pxt worker`."""

from __future__ import annotations

import argparse
import signal
import threading

HELP = 'Carries out jobs in the background, until it is stopped by Ctrl-C or SIGTERM.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--threads', type=threads, metavar='N', help='parts of jobs to compute at once (default 3)')
    parser.add_argument('--once', action='store_true', help='end when no job is left')


def threads(text: str) -> int:
    """A number from 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'{text!r} is no number from 1')
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    from pixeltable.api.jobs import carry_out_jobs

    stopped = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        carry_out_jobs(arguments.threads, stopped, once=arguments.once, tell=lambda job: print(job, flush=True))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0
