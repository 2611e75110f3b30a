from __future__ import annotations

import subprocess
import sys

import pytest

import pixeltable.functions as pxtf
from pixeltable.errors import RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.types import spelling as pxt
from pixeltable.types.column_type import FLOAT, INT

NUMBER = Expr(Field(INT, 'n'))


def test_aggregates() -> None:
    assert repr(pxtf.sum(NUMBER) + pxtf.count()) == 'globals.sum(n) + globals.count()'
    assert pxtf.mean(NUMBER).col_type == FLOAT.with_nullable(True)
    assert pxtf.count(NUMBER).col_type == INT
    with pytest.raises(RequestError, match=r'max\(\) takes an expression'):
        pxtf.max([1, 2])  # type: ignore[arg-type]


def test_cast() -> None:
    assert pxtf.cast(NUMBER, pxt.Float).col_type == FLOAT


def test_importing_the_functions_loads_nothing_heavy() -> None:
    code = (
        'import sys, pixeltable.functions as f; f.huggingface; '
        'print({"torch", "transformers", "pyarrow", "duckdb", "pandas", "sqlalchemy", "numpy"} & set(sys.modules))'
    )
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout == 'set()\n'


def test_an_unknown_module() -> None:
    with pytest.raises(AttributeError, match="no 'nothing'"):
        _ = pxtf.nothing
