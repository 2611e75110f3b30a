"""Going on in what is to the store another process."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo

from pixeltable.api import default
from pixeltable.config.settings import Settings
from pixeltable.session import Session


def begun(home: Path, ended: Session | None, catalog: str | None = None) -> Session:
    """A session that is the default one from now on, after `ended` was closed."""
    if ended is not None:
        ended.close()
    session = Session(Settings(home, ZoneInfo('UTC'), verbosity=0, show_progress=False, catalog=catalog))
    default._session, default._process = session, os.getpid()
    return session
