"""A ratchet on file length: no file over 500 lines, and those over 250 are on a list where they may only shrink.

The list is `tools/long_files.txt`, one `LINES PATH` a row. A new row is written by hand, in a commit that says why;
`--tighten` lowers the numbers and drops rows that are no longer needed. What the lines say is not looked at.
"""

from __future__ import annotations

import sys
from pathlib import Path

LIMIT = 500
NOTED = 250
FOLDERS = ('pixeltable', 'tests', 'tools', 'examples', 'benchmarks')
ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / 'tools' / 'long_files.txt'


def measure(root: Path) -> dict[str, int]:
    """Lines of every Python file below `root`'s source folders, by POSIX path."""
    return {
        path.relative_to(root).as_posix(): len(path.read_bytes().splitlines())
        for folder in FOLDERS
        for path in sorted((root / folder).rglob('*.py'))
    }


def read_list(text: str) -> dict[str, int]:
    """The recorded lengths by path."""
    rows = (line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith('#'))
    return {path: int(lines) for lines, path in rows}


def problems(sizes: dict[str, int], recorded: dict[str, int]) -> list[str]:
    """One sentence for each file that breaks the rule, and for each row of the list that is out of date."""
    found = []
    for path, lines in sizes.items():
        allowed = min(recorded.get(path, NOTED), LIMIT)
        if lines > allowed:
            found.append(f'{path} has {lines} lines, {allowed} are allowed: split it')
        elif path in recorded and lines < recorded[path]:
            found.append(f"{path} has shrunk from {recorded[path]} to {lines} lines: run 'make tighten'")
    found += [f"{path} is gone: run 'make tighten'" for path in recorded if path not in sizes]
    return found


def tightened(sizes: dict[str, int], recorded: dict[str, int]) -> dict[str, int]:
    """The list with every number as low as the files now are."""
    lower = {path: min(lines, sizes.get(path, 0)) for path, lines in recorded.items()}
    return {path: lines for path, lines in lower.items() if lines > NOTED}


def main(arguments: list[str]) -> int:
    """The exit status: 1 if a file is too long or the list is out of date."""
    text = LIST.read_text()
    sizes, recorded = measure(ROOT), read_list(text)
    if arguments == ['--tighten']:
        recorded = tightened(sizes, recorded)
        head = [line for line in text.splitlines() if line.startswith('#')]
        rows = [f'{lines} {path}' for path, lines in sorted(recorded.items())]
        LIST.write_text('\n'.join(head + rows) + '\n')
    found = problems(sizes, recorded)
    print('\n'.join(found) if found else f'{len(sizes)} files, {len(recorded)} of them noted as long')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
