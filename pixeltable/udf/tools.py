"""Functions as tools of language models: what a model is told about them, and the calls that it asks for.

Providers differ in how they want tools described and in how their models ask for calls. A provider's module turns a response into
calls by tool, `{'get_weather': [{'args': {'city': 'Rome'}}]}`, and hands them to `invoke`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pixeltable.errors import ErrorCode, NotFoundError, RequestError, did_you_mean
from pixeltable.exprs import build, choices, each
from pixeltable.exprs.expr import Expr, require_expression
from pixeltable.types.column_type import Kind
from pixeltable.types.json_schema import json_schema
from pixeltable.udf.aggregator import Aggregate
from pixeltable.udf.signature import VARIADIC, Parameter, Signature


@dataclass(frozen=True)
class Tool:
    """A function as a tool, under a name and a description of its own if they are given."""

    fn: Any
    name: str
    description: str

    def model_dump(self) -> dict[str, Any]:
        """The tool as JSON-able data: `{'name', 'description', 'parameters'}`, the last a JSON Schema."""
        return {'name': self.name, 'description': self.description, 'parameters': self.parameters}

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON Schema of the arguments. Those with a default, and those that may be None, are not required."""
        parameters = self.fn.signature.parameters
        return {
            'type': 'object',
            'properties': {parameter.name: _schema(parameter) for parameter in parameters},
            'required': [parameter.name for parameter in parameters if _is_required(parameter)],
            'additionalProperties': False,
        }

    def call(self, arguments: Expr) -> Any:
        """The call with arguments that are the fields of a Json expression."""
        return self.fn(
            **{parameter.name: _argument(parameter, arguments) for parameter in self.fn.signature.parameters}
        )


@dataclass(frozen=True)
class ToolChoice:
    """Which tools a model may or must call."""

    auto: bool
    required: bool
    tool: str | None
    parallel_tool_calls: bool

    def model_dump(self) -> dict[str, Any]:
        """The choice as JSON-able data."""
        return {
            'auto': self.auto,
            'required': self.required,
            'tool': self.tool,
            'parallel_tool_calls': self.parallel_tool_calls,
        }

    @property
    def __pxt_json__(self) -> dict[str, Any]:
        return self.model_dump()


@dataclass(frozen=True)
class Tools:
    """Tools that are given to a model together."""

    tools: list[Tool]

    def model_dump(self) -> list[dict[str, Any]]:
        """The tools as JSON-able data, in order."""
        return [tool.model_dump() for tool in self.tools]

    @property
    def __pxt_json__(self) -> list[dict[str, Any]]:
        """The constant that they are as the argument of a function."""
        return self.model_dump()

    def choice(
        self,
        auto: bool = False,
        required: bool = False,
        tool: Any = None,
        parallel_tool_calls: bool = True,
    ) -> ToolChoice:
        """Says which tools the model may call.

        Args:
            auto: the model decides whether to call any.
            required: the model must call at least one.
            tool: the model must call this one: a tool's name, or its function.
            parallel_tool_calls: whether it may ask for several calls at once.

        Raises:
            RequestError: MISSING_REQUIRED unless exactly one of `auto`, `required` and `tool` is given.
            NotFoundError: FUNCTION_NOT_FOUND for a tool that is not among these.
        """
        if sum((bool(auto), bool(required), tool is not None)) != 1:
            raise RequestError(ErrorCode.MISSING_REQUIRED, 'choice() takes exactly one of auto, required and tool.')
        name = next(
            (each.name for each in self.tools if tool is not None and (each.name == tool or each.fn is tool)), None
        )
        if tool is not None and name is None:
            names = [each.name for each in self.tools]
            shown = getattr(tool, 'name', tool)
            raise NotFoundError(
                ErrorCode.FUNCTION_NOT_FOUND,
                f'choice(): there is no tool {shown!r} among {", ".join(names)}.{did_you_mean(str(shown), names)}',
            )
        return ToolChoice(bool(auto), bool(required), name, parallel_tool_calls)


def tool(fn: Any, name: str | None = None, description: str | None = None) -> Tool:
    """A function as a tool of a language model.

    Args:
        fn: a function declared with `@pxt.udf`, `@pxt.expr_udf` or `@pxt.query`.
        name: what the model calls it, in place of the function's name.
        description: what the model is told about it, in place of the function's docstring.

    Raises:
        RequestError: INVALID_ARGUMENT for what is no function, UNSUPPORTED_OPERATION for an aggregate, an overloaded function, or
            one with `*args` or `**kwargs`.
    """
    if not isinstance(getattr(fn, 'signature', None), Signature):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'a tool is a function declared with @pxt.udf or @pxt.query, not {fn!r}.'
        )
    if isinstance(fn, Aggregate):
        raise _unsupported(fn, 'is an aggregate, and a tool is called for one row')
    if len(getattr(fn, 'overloads', [fn])) > 1:
        raise _unsupported(fn, 'has several signatures, and a tool has one')
    if any(parameter.kind in VARIADIC for parameter in fn.signature.parameters):
        raise _unsupported(fn, 'takes *args or **kwargs, which a model cannot be told about')
    return Tool(fn, name or fn.name, description or inspect.getdoc(fn) or '')


def tools(*fns: Any) -> Tools:
    """Functions and tools, to be given to a language model together.

        weather = pxt.tools(get_weather, pxt.tool(get_forecast, name='forecast'))

    Raises:
        RequestError: as `tool` does, and INVALID_ARGUMENT for two of the same name.
    """
    made = [fn if isinstance(fn, Tool) else tool(fn) for fn in fns]
    names = [each.name for each in made]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'tools(): two tools are called {twice!r}; rename one with pxt.tool(fn, name=...).',
        )
    return Tools(made)


def invoke(tools: Tools, calls: Expr) -> Expr:
    """The results of the calls that a model asked for: for each tool a list, NULL if it was not called.

    `calls` is a Json expression of the form `{'get_weather': [{'args': {'city': 'Rome'}}]}`. A call that fails is an error of the
    cell.

    Raises INVALID_ARGUMENT for what `pxt.tools` did not make, or no expression.
    """
    if not isinstance(tools, Tools):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'invoke_tools() takes what pxt.tools() gives, not {tools!r:.80}.'
        )
    require_expression(calls, 'invoke()')
    return Expr(build.node({tool.name: _results(tool, calls) for tool in tools.tools}))


def _results(tool: Tool, calls: Expr) -> Expr:
    run: Callable[[Expr], Any] = lambda call: tool.call(call['args'])  # noqa: E731
    return Expr(each.for_each('map', calls[tool.name].__pxt_node__, run))


def _argument(parameter: Parameter, arguments: Expr) -> Expr:
    value = arguments[parameter.name]
    if parameter.type is not None and parameter.type.kind not in (Kind.JSON, Kind.STRING):
        value = value.astype(parameter.type)
    if parameter.has_default and parameter.default is not None:
        return Expr(choices.coalesce((value, parameter.default)))
    return value


def _is_required(parameter: Parameter) -> bool:
    return not parameter.has_default and parameter.type is not None and not parameter.type.nullable


def _schema(parameter: Parameter) -> dict[str, Any]:
    schema = {} if parameter.type is None else json_schema(parameter.type.with_nullable(False))
    if parameter.choices is not None:
        schema['enum'] = list(parameter.choices)
    if parameter.has_default and parameter.default is not None:
        schema['default'] = parameter.default
    return schema


def _unsupported(fn: Any, reason: str) -> RequestError:
    return RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'{fn.name}() cannot be a tool: it {reason}.')
