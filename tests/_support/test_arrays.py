from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from pixeltable._support.arrays import distinct


@pytest.mark.parametrize('values', [[], [3], [2, 2], [3, 1, 3, 2, 1]])
def test_distinct(values: list[int]) -> None:
    assert distinct(np.array(values, np.int64)).tolist() == sorted(set(values))


def test_it_loads_nothing() -> None:
    program = 'import sys, numpy as np; from pixeltable._support.arrays import distinct; distinct(np.arange(3))'
    assert subprocess.run([sys.executable, '-c', f'{program}; sys.exit("numpy.ma" in sys.modules)']).returncode == 0
