"""Decision 0006: what it costs to keep a function by value, and what source text alone would lose.

.venv/bin/python benchmarks/decisions/functions.py
"""

from __future__ import annotations

import inspect
import json
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import cloudpickle
import numpy as np
from timing import best

FACTOR = 3


def helper(x: int) -> int:
    return x * FACTOR


def uses_helper(x: int) -> int:
    return helper(x) + 1


def make_closure(table: dict[str, int]) -> Callable[[str], int]:
    def look_up(key: str) -> int:
        return table.get(key, 0)

    return look_up


def make_weights() -> Callable[[float], float]:
    weights = np.ones(100_000)
    return lambda x: float(weights.sum() * x)


SMALL: Callable[[int], int] = lambda x: x + 1  # noqa: E731 - users write these, too
SAMPLES: dict[str, tuple[Callable[..., Any], Any]] = {
    'lambda': (SMALL, 1),
    'function with a helper and a global': (uses_helper, 2),
    'closure over 100 entries': (make_closure({f'k{i}': i for i in range(100)}), 'k7'),
    'closure over 100,000 floats': (make_weights(), 2.0),
    'json.dumps (importable)': (json.dumps, [1]),
}


def from_source(function: Callable[..., Any], argument: Any) -> str:
    """What happens if only the function's own text is kept and run again somewhere else."""
    try:
        scope: dict[str, Any] = {}
        exec('from __future__ import annotations\n' + textwrap.dedent(inspect.getsource(function)), scope)
        scope[function.__name__](argument)
    except Exception as error:  # noqa: BLE001 - the outcome is what is measured
        return f'{type(error).__name__}: {str(error)[:50]}'
    return 'works'


def main() -> None:
    for name, (function, argument) in SAMPLES.items():
        data = cloudpickle.dumps(function)
        write, read = best(lambda: cloudpickle.dumps(function)), best(lambda: pickle.loads(data))  # noqa: B023
        same = pickle.loads(data)(argument) == function(argument)
        print(
            f'{name}: {len(data):,} bytes, write {write * 1e6:.0f} µs, read {read * 1e6:.0f} µs, same result: {same}; '
            f'from its source text: {from_source(function, argument)}'
        )
    code = (
        'import cloudpickle, hashlib\nexec(\'def f(x):\\n    return x in {"a", "b", "c"}\')\n'
        'print(hashlib.sha256(cloudpickle.dumps(f)).hexdigest())'
    )
    hashes = {subprocess.run([sys.executable, '-c', code], capture_output=True, check=True).stdout for _ in range(8)}
    print(f'eight processes that define one function of a few strings: {len(hashes)} different pickles')


if __name__ == '__main__':
    main()
