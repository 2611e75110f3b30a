"""Opens what execution needs, from the settings alone: for a session, and for a worker of a cluster, which has no catalog."""

from __future__ import annotations

from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.config.settings import Settings
from pixeltable.exec.calls.processes import Processes
from pixeltable.exec.calls.services import Services
from pixeltable.exec.context import Backend, Context
from pixeltable.exec.display import Display
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.limits.limits import Limits
from pixeltable.exec.loop import LoopThread
from pixeltable.exec.relational import Relational
from pixeltable.exec.searches import Searches
from pixeltable.media.cache import FileCache
from pixeltable.media.fetching import Fetcher
from pixeltable.media.library import Library
from pixeltable.storage.objects import ObjectStore
from pixeltable.storage.objects.open import Stores
from pixeltable.storage.segments import SegmentStore


def open_context(
    settings: Settings, work: WorkDatabase, objects: ObjectStore, backend: Backend | None = None
) -> Context:
    """The parts of a session that execution uses. Nothing is read or started yet."""
    limit = settings.file_cache_bytes
    cache = FileCache(settings.home / 'file_cache', limit, settings.file_cache_lease_s, Fetcher(settings.private_hosts))
    return Context(
        store=SegmentStore(objects),
        relational=Relational(settings.time_zone),
        loop=LoopThread(),
        searches=Searches(),
        zone=settings.time_zone,
        display=Display() if settings.show_progress and settings.verbosity > 0 else None,
        services=Services(
            Processes(),
            Ledger(work, settings.ledger_bytes, settings.time_zone),
            Limits(work, settings.pools, settings.retry),
            Library(objects, Stores(settings.data_root), cache),
        ),
        backend=backend,
    )


def close_context(context: Context) -> None:
    """Stops threads and processes."""
    if context.display is not None:
        context.display.close()
    context.loop.close()
    context.services.close()
    context.relational.close()
