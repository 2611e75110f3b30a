"""`pxt worker` with short leases and small parts, so that tests need not wait. Its arguments are those of the command."""

from __future__ import annotations

import sys

from pixeltable.cli.main import main
from pixeltable.exec.jobs import holding, workers

if __name__ == '__main__':
    holding.LEASE_S = 1.0
    workers.FIRST_ROWS = workers.MOST_ROWS = 5
    sys.exit(main(sys.argv[1:]))
