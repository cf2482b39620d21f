"""The program's source as Python parses it: once in a process, and when it is asked for."""

import ast
from functools import cache
from pathlib import Path

import planner

ROOM = Path(planner.__file__).parent


@cache
def trees() -> dict[Path, ast.Module]:
    """Each file of the source, parsed: not to be changed."""
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(ROOM.rglob("*.py"))}
