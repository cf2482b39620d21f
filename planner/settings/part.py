"""The base class and the value types of every table of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

Columns = dict[str, str | list[str]]
Where = dict[str, str | int | list[str] | list[int]]
PositiveMinutes = Annotated[float, Field(gt=0, le=24 * 60)]
Speed = Annotated[float, Field(ge=0.001, le=3)]
Metres = Annotated[float, Field(gt=0, le=1e6)]
Grid = Annotated[float, Field(ge=1, le=1e5)]  # metres between points that are made
Year = Annotated[int, Field(ge=1900, le=2200)]
Amount = Annotated[float, Field(ge=0, le=1e15)]  # money, places, square metres
Weight = Annotated[float, Field(gt=0, le=1e6)]
Number = Annotated[float, Field(ge=-1e15, le=1e15)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A table of a scenario: unknown keys are refused, values frozen, numbers finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _check_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse ``true`` where a number is meant: Python would take it for 1."""
        kinds = set(_leaves(cls.model_fields[str(info.field_name)].annotation))
        if kinds & {int, float} and bool not in kinds and _has_truth(value):
            raise PydanticCustomError("int" if float not in kinds else "float", "no number")
        return value


def given_keys(part: Part) -> set[str]:
    """List the keys that a table sets to something other than their default.

    Parameters
    ----------
    part
        A table of the scenario.

    Returns
    -------
    Names of keys.
    """
    fields = type(part).model_fields
    defaults: dict[str, Any] = {key: fields[key].default for key in part.model_fields_set}
    return {key for key, default in defaults.items() if getattr(part, key) != default}


def _leaves(annotation: Any) -> Iterator[Any]:
    """List the types that a value may be made of, through unions and containers."""
    inner = get_args(annotation)
    if inner:
        for one in inner:
            yield from _leaves(one)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield bool  # its own fields are looked at by themselves
    else:
        yield annotation


def _has_truth(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_truth, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_truth, value))
    return isinstance(value, bool)
