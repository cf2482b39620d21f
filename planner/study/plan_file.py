"""A whole plan in one file, and back: what `planner.load_plan` opens.

The file is a line of magic, a line of JSON (schema, version of the planner, length) and a value as
`planner.study.stages` writes it, compressed. It holds data alone, and each part has its digest.
"""

from __future__ import annotations

import json
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from planner.errors import InputError, fail
from planner.settings import Settings
from planner.study.plan import Plan
from planner.study.records import RECORDS
from planner.study.stages import named, value_bytes, value_of_bytes

NAME = "plan.planner"
SCHEMA = 1
_MAGIC = b"planner plan\n"
_CODEC = "zstd"
_MOST_BYTES = 2**33
_RECORDS = RECORDS | named(Plan, Settings)


def plan_bytes(plan: Plan) -> bytes:
    """Return a plan as the bytes of its file.

    Parameters
    ----------
    plan
        The plan.

    Raises
    ------
    UnknownTypeError
        If a table holds values that are neither words, numbers, dates nor shapes.
    """
    known = {one.name: getattr(plan, one.name) for one in fields(Plan) if one.init}
    value = value_bytes(Plan(**known), _RECORDS)
    told = {"schema": SCHEMA, "planner": version("planner"), "bytes": len(value)}
    packed: bytes = pa.compress(value, codec=_CODEC, asbytes=True)
    return _MAGIC + json.dumps(told).encode() + b"\n" + packed


def read_plan(path: Path) -> Plan:
    """Return the plan of a file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputError
        If there is no such file, it is of another schema, or it is damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise fail(InputError, "plan_file.none", file=str(path), name=NAME) from error
    told, _, packed = content.removeprefix(_MAGIC).partition(b"\n")
    if not content.startswith(_MAGIC):
        raise fail(InputError, "plan_file.damaged", file=str(path))
    try:
        header = json.loads(told)
        schema, by, size = int(header["schema"]), str(header["planner"]), int(header["bytes"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise fail(InputError, "plan_file.damaged", file=str(path)) from error
    if schema != SCHEMA:
        raise fail(
            InputError, "plan_file.other_schema", file=str(path), value=schema, by=by, own=SCHEMA
        )
    try:
        if not 0 <= size <= _MOST_BYTES:
            raise ValueError(size)  # noqa: TRY301  told as damage below
        plan = value_of_bytes(pa.decompress(packed, size, _CODEC, asbytes=True), _RECORDS)
        if not isinstance(plan, Plan):
            raise TypeError(type(plan))  # noqa: TRY301
    except (ValueError, TypeError, OSError, MemoryError) as error:
        raise fail(InputError, "plan_file.damaged", file=str(path)) from error
    return plan
