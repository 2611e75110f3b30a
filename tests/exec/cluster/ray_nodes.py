"""A real Ray cluster on this machine: two nodes with a processor each, of which one is the head."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

RAY = str(Path(sys.executable).with_name('ray'))
QUIET = {'RAY_USAGE_STATS_ENABLED': '0', 'RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO': '0'}
PATIENT = {
    'RAY_idle_worker_killing_time_threshold_ms': '600000'
}  # a process takes longer to start than what it is to do
SMALL = ['--object-store-memory=100000000', '--disable-usage-stats']


class Cluster:
    """Its nodes are started with `ray start`, and end with the tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = os.environ | QUIET | PATIENT | {'PYTHONPATH': os.pathsep.join(sys.path)}
        head = ['--head', '--num-cpus=1', '--include-dashboard=false', f'--temp-dir={folder}']
        for _ in range(3):  # another process may take a port that was free
            self.port = _free_port()
            if not (errors := self._errors(*head, f'--port={self.port}')):
                break
        assert not errors, errors
        self.address = f'127.0.0.1:{self.port}'
        self.add_node()

    def add_node(self) -> None:
        errors = self._errors(f'--address={self.address}', '--num-cpus=1')
        assert not errors, errors
        self.is_whole = True

    def kill_node(self) -> None:
        """The newest node is gone at once, with all that runs on it."""
        self.is_whole = False
        newest = self._raylets()[-1]
        children = subprocess.run(['pgrep', '-P', str(newest)], capture_output=True, text=True).stdout.split()
        subprocess.run(['kill', '-9', str(newest), *children], check=True)

    def stop(self) -> None:
        for pattern in (str(self._folder), f':{self.port} '):
            subprocess.run(['pkill', '-9', '-f', pattern], check=False)

    def _raylets(self) -> list[int]:
        found = subprocess.run(['pgrep', '-f', f'raylet/raylet .*:{self.port} '], capture_output=True, text=True)
        return sorted(map(int, found.stdout.split()))

    def _errors(self, *options: str) -> str:
        """Starts a node; why it could not be started, '' if it was."""
        command = [RAY, 'start', *options, *SMALL]
        done = subprocess.run(command, capture_output=True, text=True, env=self._environment, timeout=120)
        return re.sub(r'\x1b\[\d*m', '', done.stdout + done.stderr) if done.returncode else ''


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(('127.0.0.1', 0))
        port: int = found.getsockname()[1]
        return port
