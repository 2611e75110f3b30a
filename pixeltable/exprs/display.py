"""Expressions as the user would write them."""

from __future__ import annotations

from pixeltable.exprs.nodes import (
    Aggregate,
    AllItems,
    ArrayItem,
    Call,
    Cast,
    CellProperty,
    ColumnRef,
    Element,
    Field,
    ForEach,
    InZone,
    IsIn,
    JsonPath,
    Literal,
    MakeDict,
    MakeList,
    Node,
    Operation,
    Parameter,
    Replacement,
    Similarity,
    Slice,
    Template,
)
from pixeltable.exprs.operations import OPERATIONS
from pixeltable.exprs.windows import Fold, Ordering, Ranking, Window


def display(node: Node) -> str:
    """The expression as Python text, with parentheses only where they are needed."""
    match node:
        case Literal(value=value):
            text = repr(value)
            return text if len(text) <= 80 else text[:77] + '...'
        case ColumnRef(name=name):
            return name
        case Field(name=name, label=label):
            return label or name
        case Operation():
            return _operation(node)
        case IsIn(arg=arg, values=values):
            return f'{_operand(arg, 9)}.isin([{", ".join(display(value) for value in values)}])'
        case Cast(arg=arg, implied=True) | InZone(arg=arg):
            return display(arg)
        case Cast(type=type_, arg=arg):
            return f'{_operand(arg, 9)}.astype({type_})'
        case JsonPath(arg=arg, path=path):
            return _operand(arg, 9) + ''.join(_step(step) for step in path)
        case ArrayItem(arg=arg, index=index):
            return f'{_operand(arg, 9)}[{", ".join(_index(item) for item in index)}]'
        case Template(parts=parts):
            return "f'" + ''.join(_part(part) for part in parts) + "'"
        case Element(name=name):
            return name
        case ForEach():
            return _for_each(node)
        case MakeList(items=items):
            return f'[{", ".join(display(item) for item in items)}]'
        case MakeDict(keys=keys, values=values):
            return '{' + ', '.join(f'{k!r}: {display(v)}' for k, v in zip(keys, values, strict=True)) + '}'
        case Call():
            return _call(node)
        case Aggregate() | Fold() | Ranking() | Window():
            return _aggregate(node)
        case Parameter(name=name):
            return name
        case CellProperty(column=column, property=property_):
            return f'{display(column)}.{property_}'
        case Similarity(column_name=column_name):
            return f'{column_name}.similarity(...)'
        case _:
            return type(node).__name__


def _call(node: Call) -> str:
    name, arguments = node.function.name, _arguments(node)
    if node.function.style == 'function' or not arguments:
        return f'{name}({", ".join(arguments)})'
    subject = _operand(node.args[0], 9)
    return f'{subject}.{name}' if node.function.style == 'property' else f'{subject}.{name}({", ".join(arguments[1:])})'


def _aggregate(node: Aggregate | Fold | Ranking | Window) -> str:
    match node:
        case Aggregate(function=function, arg=arg, distinct=distinct, condition=condition):
            parts = ([] if arg is None else [display(arg)]) + (['distinct=True'] if distinct else [])
            return f'globals.{function}({", ".join(parts + _where(condition))})'
        case Fold(function=callee, args=args, order_by=keys, condition=condition):
            parts = [*map(display, args), *_keys('order_by', keys)]
            return f'{callee.name}({", ".join(parts + _where(condition))})'
        case Ranking(function=function, args=args):
            return f'{function}({", ".join(map(display, args))})'
        case Window(aggregate=inner, partition_by=partition, order_by=keys):
            by = [f'partition_by=[{", ".join(map(display, partition))}]'] if partition else []
            return f'{display(inner)}.over({", ".join(by + _keys("order_by", keys))})'


def _where(condition: Node | None) -> list[str]:
    return [] if condition is None else [f'where={display(condition)}']


def _keys(name: str, keys: tuple[Ordering, ...]) -> list[str]:
    texts = (display(key.node) + ('' if key.ascending else ' desc') for key in keys)
    return [f'{name}=[{", ".join(texts)}]'] if keys else []


def _operation(node: Operation) -> str:
    spec = OPERATIONS[node.op]
    match node.op:
        case 'not' | 'neg':
            return f'{spec.symbol}{_operand(node.args[0], spec.precedence)}'
        case 'in_list':
            return f'{_operand(node.args[0], 9)}.isin({display(node.args[1])})'
        case 'case':
            return _case(node.args)
        case 'abs' | 'round' | 'coalesce' | 'sample_key':
            return f'{spec.symbol}({", ".join(display(arg) for arg in node.args)})'
        case 'is_null' | 'is_not_null':
            return f'{_operand(node.args[0], spec.precedence + 1)} {spec.symbol}'
        case 'and' | 'or':
            return f' {spec.symbol} '.join(f'({display(arg)})' for arg in node.args)
        case _:
            left, right = node.args
            # - and / are not associative: the right side of equal rank keeps its parentheses; with ** it is the left side,
            # and with comparisons, which would chain, both.
            keeps_left = node.op == 'pow' or spec.precedence == OPERATIONS['eq'].precedence
            first = _operand(left, spec.precedence + keeps_left)
            return f'{first} {spec.symbol} {_operand(right, spec.precedence + (node.op != "pow"))}'


def _case(args: tuple[Node, ...]) -> str:
    *pairs, otherwise = map(display, args)
    branches = [f'({condition}, {value})' for condition, value in zip(pairs[::2], pairs[1::2], strict=True)]
    return f'case({", ".join(branches)}, otherwise={otherwise})'


def _for_each(node: ForEach) -> str:
    subject, name = _operand(node.arg, 9), node.element.name
    options = [] if node.body == node.element and node.verb == 'sort' else [f'lambda {name}: {display(node.body)}']
    options += [] if node.ascending else ['asc=False']
    return f'{subject}.{node.verb}({", ".join(options)})'


def _operand(node: Node, precedence: int) -> str:
    while isinstance(node, InZone) or (isinstance(node, Cast) and node.implied):
        node = node.arg
    text = display(node)
    if isinstance(node, Operation):
        binds = OPERATIONS[node.op].precedence
    else:
        binds = OPERATIONS['neg'].precedence if isinstance(node, Literal) and text.startswith('-') else precedence
    return f'({text})' if binds < precedence else text


def _arguments(node: Call) -> list[str]:
    """By position as far as that goes; constants for parameters with defaults by name."""
    texts: list[str] = []
    leading = iter(node.function.positional)
    by_position = True
    for name, arg in zip(node.names, node.args, strict=True):
        expected, has_default = next(leading, ('', True))
        by_position = by_position and (name == expected) and not (has_default and isinstance(arg, Literal))
        texts.append(display(arg) if by_position or '.' in name else f'{name}={display(arg)}')
    return texts


def _index(item: object) -> str:
    if isinstance(item, Slice):
        text = f'{"" if item.start is None else item.start}:{"" if item.stop is None else item.stop}'
        return text if item.step is None else f'{text}:{item.step}'
    return '...' if item is Ellipsis else str(item)


def _step(step: object) -> str:
    if isinstance(step, AllItems):
        return '[*]'
    return f'.{step}' if isinstance(step, str) and step.isidentifier() else f'[{_quoted(step)}]'


def _quoted(step: object) -> str:
    return repr(step) if isinstance(step, str) else _index(step)


def _part(part: str | Replacement) -> str:
    if isinstance(part, str):
        return part.replace('{', '{{').replace('}', '}}').replace('\n', '\\n')
    return '{' + display(part.arg) + (f':{part.format_spec}' if part.format_spec else '') + '}'
