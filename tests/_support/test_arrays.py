from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from pixeltable._support.arrays import ascending, distinct


@pytest.mark.parametrize('values', [[], [3], [2, 2], [3, 1, 3, 2, 1]])
def test_distinct(values: list[int]) -> None:
    assert distinct(np.array(values, np.int64)).tolist() == sorted(set(values))


@pytest.mark.parametrize('ids', [[], [3], [7, 5, 6], [10**15, 1], [2, 1, 2, 1], [-3, 4, 0], [5, 1, 9, 2]])
def test_ascending(ids: list[int]) -> None:
    assert ascending(np.array(ids, np.int64)).tolist() == sorted(range(len(ids)), key=ids.__getitem__)


def test_it_loads_nothing() -> None:
    program = 'import sys, numpy as np; from pixeltable._support.arrays import distinct; distinct(np.arange(3))'
    assert subprocess.run([sys.executable, '-c', f'{program}; sys.exit("numpy.ma" in sys.modules)']).returncode == 0
