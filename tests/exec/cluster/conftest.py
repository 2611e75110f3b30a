from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ray_nodes import Cluster


@pytest.fixture(scope='module')
def cluster() -> Iterator[Cluster]:
    # The paths of Ray's sockets may not be long.
    folder = Path(f'/tmp/pxt-ray-{os.getpid()}')
    made = Cluster(folder)
    yield made
    made.stop()
    subprocess.run(['rm', '-rf', str(folder)], check=True)
