"""Makes the checker and the worker importable: tests are modules without a package."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
