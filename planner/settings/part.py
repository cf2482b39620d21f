"""What every table of a scenario is made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Columns = dict[str, str | list[str]]
Where = dict[str, str | int | list[str] | list[int]]
PositiveMinutes = Annotated[float, Field(gt=0, le=24 * 60)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A table of a scenario: no key beside those named, and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def given_keys(part: Part) -> set[str]:
    """List the keys that a table sets to something other than their default."""
    fields = type(part).model_fields
    defaults: dict[str, Any] = {key: fields[key].default for key in part.model_fields_set}
    return {key for key, default in defaults.items() if getattr(part, key) != default}
