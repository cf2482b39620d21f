"""The payload's types for the page's script, made from those of Python.

python tests/support/payload_types.py    # writes planner/output/maps/web/src/payload.js
"""

import inspect
import re
import types
import typing
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from planner.output.maps import payload

ROOMS = sorted(path.stem for path in Path(payload.__file__).parent.glob("[a-z]*.py"))
MODULE = Path(payload.__file__).parents[1] / "web" / "src" / "payload.js"
HEAD = """// @ts-check
// The page's payload, as in `planner/output/maps/payload`: made by `make page`, not by hand.
"""
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def records() -> list[type]:
    """List the records of the payload, room by room, each in its order."""
    rooms = [*(import_module(f"{payload.__name__}.{name}") for name in ROOMS), payload]
    return [
        one
        for room in rooms
        for one in vars(room).values()
        if typing.is_typeddict(one) and one.__module__ == room.__name__
    ]


def script() -> str:
    """Write the module of types."""
    return HEAD + "".join(f"\n{block}" for block in map(typedef, records())) + "\nexport {};\n"


def typedef(record: type) -> str:
    words = re.sub(r"\s*\n\s*", "\n * ", inspect.getdoc(record) or "").replace("\n * \n", "\n *\n")
    lines = ["/**", *(f" * {line}" for line in words.split("\n * ")), " *"]
    lines.append(f" * @typedef {{object}} {record.__name__}")
    for name, kind in get_type_hints(record).items():
        shown = name if name in record.__required_keys__ else f"[{name}]"
        lines.append(f" * @property {{{in_script(kind)}}} {shown}")
    return "\n".join(line.rstrip() for line in [*lines, " */"]) + "\n"


def in_script(kind: Any) -> str:
    """Write a type as the script writes it."""
    if kind in PLAIN:
        return PLAIN[kind]
    if kind is Any:
        return "any"
    if typing.is_typeddict(kind):
        return kind.__name__
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {list, Sequence}:
        one = in_script(inner[0])
        return f"({one})[]" if "|" in one else f"{one}[]"
    if origin is dict:
        return f"Record<string, {in_script(inner[1])}>"
    if origin is Literal:
        return " | ".join(f'"{one}"' for one in inner)
    if origin in {typing.Union, types.UnionType}:
        return " | ".join(dict.fromkeys(map(in_script, inner)))
    raise TypeError(kind)


def misfits(value: Any, kind: Any, where: str = "payload") -> Iterator[str]:
    """Name the places at which a value read from a page is not of its type."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return
    if typing.is_typeddict(kind):
        if not isinstance(value, dict):
            yield f"{where}: {value!r} is no {kind.__name__}"
            return
        hints = get_type_hints(kind)
        yield from (f"{where}: no {name}" for name in kind.__required_keys__ - set(value))
        yield from (f"{where}: unknown {name}" for name in set(value) - set(hints))
        for name in hints.keys() & value.keys():
            yield from misfits(value[name], hints[name], f"{where}.{name}")
    elif origin in {list, Sequence} and isinstance(value, list):
        for i, one in enumerate(value):
            yield from misfits(one, inner[0], f"{where}[{i}]")
    elif origin is dict and isinstance(value, dict):
        for name, one in value.items():
            yield from misfits(one, inner[1], f"{where}.{name}")
    elif origin in {typing.Union, types.UnionType}:
        if all(any(True for _ in misfits(value, one, where)) for one in inner):
            closest = min((list(misfits(value, one, where)) for one in inner), key=_depth)
            yield from closest
    elif origin is Literal:
        if value not in inner:
            yield f"{where}: {value!r} is none of {inner}"
    else:
        numbers = {float: (int, float), int: (int,)}.get(kind)
        fits = isinstance(value, numbers or (kind if isinstance(kind, type) else ()))
        if not fits or (isinstance(value, bool) and kind is not bool):
            yield f"{where}: {value!r} is no {in_script(kind)}"


def _depth(found: list[str]) -> int:
    return -max(one.split(":")[0].count(".") for one in found)


if __name__ == "__main__":
    MODULE.write_text(script(), "utf-8")
