"""The command `pxt`: reads the command line, runs one command, and says what went wrong in one line.

Each command is a module here with `HELP`, `add_arguments` and `run`; what it does is the public interface's.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Any

COMMANDS = ('ls', 'jobs', 'worker', 'verify', 'repair', 'optimize', 'vacuum')
"""Each is documented in `docs/cli.md`, or a test fails."""

PROBLEMS, FAILED = 1, 2
"""The exit status if something is wrong with the home, and if the command could not be carried out."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    parsed = parser().parse_args(arguments)
    import pixeltable as pxt
    from pixeltable.api.default import open_existing

    try:
        home = {} if parsed.home is None else {'pixeltable.home': parsed.home}
        open_existing({'pixeltable.verbosity': 0, **home})  # commands print themselves
        status: int = parsed.run(parsed)
        return status
    except pxt.Error as error:
        print(f'pxt {parsed.command}: {error.message}', file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f'pxt {parsed.command}: interrupted', file=sys.stderr)
        return FAILED


def parser() -> argparse.ArgumentParser:
    """The parser of the command line, with all commands."""
    found = argparse.ArgumentParser(prog='pxt', description='Looks after a home of Pixeltable.')
    found.add_argument('--home', metavar='FOLDER', help='the home; by default PIXELTABLE_HOME, or ~/.pixeltable')
    commands = found.add_subparsers(dest='command', required=True, metavar='COMMAND')
    for name in COMMANDS:
        module: Any = importlib.import_module(f'pixeltable.cli.{name}')
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return found


if __name__ == '__main__':
    sys.exit(main())
