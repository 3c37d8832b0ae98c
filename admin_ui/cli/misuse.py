"""What Click refuses, said in the reader's language: it speaks English alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import NoSuchCommand

if TYPE_CHECKING:
    from gateway.memory.faults import Fault

_QUOTED = re.compile(r"'(.*)'")
_SURPLUS = re.compile(r"unexpected extra arguments? \((.*)\)", re.DOTALL)
_OF_A_PATH = {
    "does not exist": "no_file",
    "is a directory": "is_a_folder",
    "is a file": "is_no_folder",
    "is not readable": "no_permission",
}


def fault(error: click.UsageError) -> Fault:
    """What Click found wrong, and where: an option, an argument, a file."""
    from gateway.memory.faults import Fault, at
    from gateway.memory.faults import near as nearest

    match error:
        case click.NoSuchOption(option_name=name, possibilities=known):
            near = next(iter(known or ()), "")
            return Fault((), "no_such_option", origin=name, near=near)
        case NoSuchCommand(
            command_name=name, cmd=click.Group() as group, ctx=click.Context() as ctx
        ):
            # Click knows of no possibilities: the group is lazy
            known = group.list_commands(ctx)
            return Fault((), "no_such_verb", origin=name, near=nearest(name, known))
        case click.MissingParameter(param=param) if param:
            return at(_name(error), f"missing_{param.param_type_name}")
        case click.BadParameter(param=param) if param:
            return _bad(error, _name(error), param.type)
        case click.BadOptionUsage():
            needed = "requires" in error.message
            return at(error.option_name, "wants_value" if needed else "takes_no_value")
    if surplus := _SURPLUS.search(error.message):
        return at(surplus[1], "surplus_argument")
    return at("", "misused", detail=error.format_message().rstrip("."))


def _name(error: click.BadParameter) -> str:
    """`--to`, or `[ID]...` as the line of usage has it."""
    param = error.param
    if isinstance(param, click.Option):
        return str(max(param.opts, key=len))
    return param.make_metavar(error.ctx) if param and error.ctx else ""


def _bad(error: click.BadParameter, name: str, kind: Any) -> Fault:
    from gateway.memory.faults import at

    typed = _QUOTED.search(error.message)
    match kind:
        case click.Choice():
            return at(name, "not_one_of", known=", ".join(map(str, kind.choices)))
        case click.DateTime():
            return at(name, "not_a_day")
        case click.IntRange() if "in the range" in error.message:
            return at(name, "not_between", least=kind.min, most=kind.max)
        case click.Path() if typed:
            ends = (code for end, code in _OF_A_PATH.items() if error.message.endswith(f"{end}."))
            return at(typed[1], next(ends, "unreadable"), detail=error.message)
    if kind is click.INT or isinstance(kind, click.IntRange):
        return at(name, "no_whole_number")
    return at(name, "misused", detail=error.message.rstrip("."))
