"""Pixeltable: tables whose columns are computed, by functions and models, and kept up to date.

    import pixeltable as pxt

    docs = pxt.create_table('docs', {'text': pxt.String})
    docs.add_computed_column(words=docs.text.split().len())
    docs.insert([{'text': 'Hello, world'}])

Each name is loaded when it is first used, so that importing this module costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pixeltable._support.exports import HOME_OF, MODULES

for _package in ('plan', 'udf'):  # a package takes the name of our function only when it is first imported
    importlib.import_module(f'pixeltable.{_package}')
    globals().pop(_package)

__version__ = '0.1.0'

if TYPE_CHECKING:
    from pixeltable import exceptions as exceptions
    from pixeltable import func as func
    from pixeltable import functions as functions
    from pixeltable import io as io
    from pixeltable import iterators as iterators
    from pixeltable.api import ledger as ledger
    from pixeltable.api.clock import now as now
    from pixeltable.api.cursors import ResultCursor as ResultCursor
    from pixeltable.api.default import home as home
    from pixeltable.api.default import init as init
    from pixeltable.api.directories import Dir as Dir
    from pixeltable.api.directories import create_dir as create_dir
    from pixeltable.api.directories import drop_dir as drop_dir
    from pixeltable.api.functions import list_functions as list_functions
    from pixeltable.api.jobs import Job as Job
    from pixeltable.api.jobs import JobProgress as JobProgress
    from pixeltable.api.jobs import get_job as get_job
    from pixeltable.api.jobs import jobs as jobs
    from pixeltable.api.maintenance import vacuum as vacuum
    from pixeltable.api.metadata import ColumnMetadata as ColumnMetadata
    from pixeltable.api.metadata import IndexMetadata as IndexMetadata
    from pixeltable.api.metadata import TableMetadata as TableMetadata
    from pixeltable.api.models.base import model_base as model_base
    from pixeltable.api.models.columns import BtreeIndex as BtreeIndex
    from pixeltable.api.models.columns import Column as Column
    from pixeltable.api.models.columns import EmbeddingIndex as EmbeddingIndex
    from pixeltable.api.moving import move as move
    from pixeltable.api.paths import drop_table as drop_table
    from pixeltable.api.paths import get_table as get_table
    from pixeltable.api.paths import list_dirs as list_dirs
    from pixeltable.api.paths import list_tables as list_tables
    from pixeltable.api.planned import plan as plan
    from pixeltable.api.plans import Plan as Plan
    from pixeltable.api.profiles import Profile as Profile
    from pixeltable.api.query import Query as Query
    from pixeltable.api.query_functions import query as query
    from pixeltable.api.query_functions import retrieval_udf as retrieval_udf
    from pixeltable.api.restoring import list_dropped as list_dropped
    from pixeltable.api.restoring import restore as restore
    from pixeltable.api.results import ResultSet as ResultSet
    from pixeltable.api.rows import CellError as CellError
    from pixeltable.api.rows import Row as Row
    from pixeltable.api.rows import RowBatch as RowBatch
    from pixeltable.api.snapshots import create_snapshot as create_snapshot
    from pixeltable.api.snapshots import drop_snapshot as drop_snapshot
    from pixeltable.api.snapshots import get_snapshot as get_snapshot
    from pixeltable.api.snapshots import list_snapshots as list_snapshots
    from pixeltable.api.snapshots import snapshot as snapshot
    from pixeltable.api.sql import sql as sql
    from pixeltable.api.status import UpdateStatus as UpdateStatus
    from pixeltable.api.table import Table as Table
    from pixeltable.api.tables import create_table as create_table
    from pixeltable.api.trees import DirContents as DirContents
    from pixeltable.api.trees import DirectoryNode as DirectoryNode
    from pixeltable.api.trees import TableNode as TableNode
    from pixeltable.api.trees import TreeNode as TreeNode
    from pixeltable.api.trees import get_dir_contents as get_dir_contents
    from pixeltable.api.trees import get_dir_tree as get_dir_tree
    from pixeltable.api.trees import ls as ls
    from pixeltable.api.usage import budget as budget
    from pixeltable.api.usage import usage as usage
    from pixeltable.api.verification import Problem as Problem
    from pixeltable.api.verification import RepairReport as RepairReport
    from pixeltable.api.verification import VerifyReport as VerifyReport
    from pixeltable.api.verification import repair as repair
    from pixeltable.api.verification import verify as verify
    from pixeltable.api.versions import VersionMetadata as VersionMetadata
    from pixeltable.api.views import create_view as create_view
    from pixeltable.config.variables import URI as URI
    from pixeltable.config.variables import ConfigVar as ConfigVar
    from pixeltable.errors import AlreadyExistsError as AlreadyExistsError
    from pixeltable.errors import AuthorizationError as AuthorizationError
    from pixeltable.errors import ConcurrencyError as ConcurrencyError
    from pixeltable.errors import Error as Error
    from pixeltable.errors import ErrorCode as ErrorCode
    from pixeltable.errors import ExternalServiceError as ExternalServiceError
    from pixeltable.errors import InternalError as InternalError
    from pixeltable.errors import NotFoundError as NotFoundError
    from pixeltable.errors import PixeltableDeprecationWarning as PixeltableDeprecationWarning
    from pixeltable.errors import PixeltableWarning as PixeltableWarning
    from pixeltable.errors import RequestError as RequestError
    from pixeltable.errors import ServiceUnavailableError as ServiceUnavailableError
    from pixeltable.errors import UserError as UserError
    from pixeltable.exec.maintenance.statuses import OptimizeStatus as OptimizeStatus
    from pixeltable.exec.maintenance.statuses import PurgeStatus as PurgeStatus
    from pixeltable.exec.maintenance.statuses import VacuumStatus as VacuumStatus
    from pixeltable.exprs.expr import Expr as Expr
    from pixeltable.functions._mcp import mcp_udfs as mcp_udfs
    from pixeltable.functions.globals import array as array
    from pixeltable.functions.globals import case as case
    from pixeltable.functions.globals import coalesce as coalesce
    from pixeltable.iterators.decorators import PxtIterator as PxtIterator
    from pixeltable.iterators.decorators import iterator as iterator
    from pixeltable.types.spelling import UUID as UUID
    from pixeltable.types.spelling import Array as Array
    from pixeltable.types.spelling import Audio as Audio
    from pixeltable.types.spelling import Binary as Binary
    from pixeltable.types.spelling import Bool as Bool
    from pixeltable.types.spelling import Date as Date
    from pixeltable.types.spelling import Document as Document
    from pixeltable.types.spelling import Float as Float
    from pixeltable.types.spelling import Image as Image
    from pixeltable.types.spelling import Int as Int
    from pixeltable.types.spelling import Json as Json
    from pixeltable.types.spelling import Required as Required
    from pixeltable.types.spelling import String as String
    from pixeltable.types.spelling import Timestamp as Timestamp
    from pixeltable.types.spelling import Video as Video
    from pixeltable.udf.aggregator import Aggregator as Aggregator
    from pixeltable.udf.decorators import Batch as Batch
    from pixeltable.udf.decorators import udf as udf
    from pixeltable.udf.expr_udf import expr_udf as expr_udf
    from pixeltable.udf.function import Function as Function
    from pixeltable.udf.reporting import report_usage as report_usage
    from pixeltable.udf.retry import Retry as Retry
    from pixeltable.udf.tools import Tool as Tool
    from pixeltable.udf.tools import ToolChoice as ToolChoice
    from pixeltable.udf.tools import Tools as Tools
    from pixeltable.udf.tools import tool as tool
    from pixeltable.udf.tools import tools as tools
    from pixeltable.udf.uda import uda as uda

__all__ = sorted([*HOME_OF, *MODULES])  # noqa: PLE0605 - the same names as above, where each has its home


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return importlib.import_module(MODULES[name])
    if name not in HOME_OF:
        from pixeltable.errors import did_you_mean

        raise AttributeError(f'module {__name__!r} has no attribute {name!r}.{did_you_mean(name, __all__)}')
    value = getattr(importlib.import_module(HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
