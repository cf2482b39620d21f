"""What a scenario says of the heights of its streets."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from planner.settings.part import Part

LINES, INCLINE = "lines", "incline"
RASTERS = (".tif", ".tiff")
METRES = {"m": 1.0, "dm": 0.1, "cm": 0.01, "ft": 0.3048}
Unit = Literal["m", "dm", "cm", "ft"]


class Heights(Part):
    """Where the heights of streets come from, so that slopes count.

    ``file`` is a raster of heights (GeoTIFF); or ``lines`` for the heights that the vertices of the
    streets have (Z); or ``incline`` for the slope that a column (tag) of the streets tells. ``crs``
    and ``nodata`` are those of the raster where it does not name them, ``unit`` is that of heights.
    """

    file: Annotated[str, Field(min_length=1)]
    crs: Annotated[str, Field(min_length=1)] | None = None
    nodata: Annotated[float, Field(ge=-1e300, le=1e300)] | None = None
    unit: Unit | None = None

    @property
    def is_raster(self) -> bool:
        """Whether heights are those of a raster."""
        return self.file.lower().endswith(RASTERS)

    @property
    def idle(self) -> list[str]:
        """The keys given that mean nothing to such heights."""
        if self.is_raster:
            return []
        given = {"crs": self.crs, "nodata": self.nodata}
        if self.file == INCLINE:
            given["unit"] = self.unit
        return [key for key, value in given.items() if value is not None]


def _as_heights(value: object) -> object:
    return {"file": value} if isinstance(value, str) else value


HeightsOrName = Annotated[Heights, BeforeValidator(_as_heights)]
