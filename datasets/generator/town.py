"""Where facilities stand: beside a street, near the middle of a unit's people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from generator import linework
from generator.place import Place

USUAL = {"tertiary", "residential", "unclassified", "service", "living_street"}


@dataclass(frozen=True, kw_only=True)
class Town:
    """What facilities are placed by.

    Parameters
    ----------
    units
        Communities with ``id``, ``name``, ``street``, ``urban``, figures, ``x`` and ``y`` of the
        middle of their people, and ``metres``, their outline in metres.
    homes
        Dwellings with ``community``, ``population``, ``x`` and ``y``.
    kerb
        Places beside streets, in metres.
    rng
        What chance is drawn from.
    taken
        Places where something stands.
    """

    units: gpd.GeoDataFrame
    homes: pd.DataFrame
    kerb: np.ndarray
    rng: np.random.Generator
    taken: list[tuple[float, float]] = field(default_factory=list)

    @property
    def urban(self) -> np.ndarray:
        """Numbers of the urban communities."""
        return np.flatnonzero(self.units.urban)

    @property
    def rural(self) -> np.ndarray:
        """Numbers of the villages."""
        return np.flatnonzero(~self.units.urban)

    def place(self, unit: int, spread_m: float) -> tuple[float, float]:
        """Find a place beside a street, about `spread_m` from the middle of a unit's people."""
        unit_id = self.units.id.iloc[unit]
        here = self.homes[self.homes.community == unit_id]
        middle = np.average(here[["x", "y"]], axis=0, weights=here.population + 0.1)
        inside = self.units.metres.iloc[unit].buffer(-4)
        for spread in (spread_m, spread_m, spread_m / 2, spread_m / 2, 1.0, 1.0):
            want = middle + self.rng.normal(0, spread, 2)
            far = np.hypot(*(self.kerb - want).T)
            for k in np.argsort(far)[:60]:
                x, y = (float(c) for c in self.kerb[k])
                apart = all(abs(x - a) + abs(y - b) > 12 for a, b in self.taken)
                if apart and shapely.contains_xy(inside, x, y):
                    self.taken.append((x, y))
                    return x, y
        message = f"no place for a facility in {unit_id}"
        raise RuntimeError(message)

    def stem(self, unit: int) -> str:
        """Return the name of a unit that names of facilities begin with."""
        return str(self.units.name.iloc[unit]).removesuffix("社区")

    def record(self, unit: int, spread_m: float, name: str, **more: Any) -> dict[str, Any]:
        """Return the row of a facility in a unit."""
        x, y = self.place(unit, spread_m)
        row = self.units.iloc[unit]
        return {"名称": name, "街道": row.street, "unit": unit, "状态": "已建", "停用年份": pd.NA,
                "x": x, "y": y, **more}  # fmt: skip

    def facility(
        self, unit: int, name: str, kind: str, year: int, *, spread_m: float = 150, **more: Any
    ) -> dict[str, Any]:
        """Return the row of a facility of a kind that opened in a year."""
        return self.record(int(unit), spread_m, name, 类型=kind, 启用年份=int(year), **more)

    def premises(self, unit: int, kind: str, rate: float) -> dict[str, Any]:
        """Return the row of premises that could be put to use, at about `rate` 万元 a m²."""
        area = int(self.rng.integers(12, 60) * 10)
        cost = round(float(area * rate * self.rng.uniform(0.7, 1.4)), 1)
        more = {"场所类型": kind, "可用面积": area, "费用(万元)": cost}
        return self.record(int(unit), 350, f"{self.stem(int(unit))}{kind}", **more)

    def seats(self) -> dict[str, int]:
        """Return the unit of most people of each street."""
        return {
            str(street): int(mine.population.idxmax())
            for street, mine in self.units.groupby("street", sort=False)
        }

    def links(self, table: pd.DataFrame, pairs: list[tuple[int, int]], kind: str) -> pd.DataFrame:
        """Return links of facilities, by their row, with units, by their number."""
        return pd.DataFrame(
            {"设施编号": [table["编号"].iloc[k] for k, _ in pairs],
             "社区编号": [self.units.id.iloc[u] for _, u in pairs], "类型": kind}
        )  # fmt: skip


def settle(
    units: gpd.GeoDataFrame, homes: pd.DataFrame, streets: gpd.GeoDataFrame, place: Place,
    rng: np.random.Generator,
) -> Town:  # fmt: skip
    """Prepare places beside streets, of the main network alone."""
    part = linework.parts(streets)
    joined = part == np.bincount(part).argmax()
    ways = streets[joined & streets.highway.isin(USUAL)]
    line = place.from_lattice(ways.geometry.to_numpy())
    here = shapely.get_coordinates(shapely.line_interpolate_point(line, 0.4, normalized=True))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, 0.45, normalized=True))
    along = (ahead - here) / np.hypot(*(ahead - here).T)[:, None]
    kerb = here + np.column_stack([-along[:, 1], along[:, 0]]) * 11
    metres = gpd.GeoSeries(place.from_lattice(units.geometry.to_numpy()), index=units.index)
    full = units.assign(metres=metres)
    middle = homes.groupby("community")[["x", "y"]].mean().reindex(units.id)
    full["x"], full["y"] = middle.x.to_numpy(), middle.y.to_numpy()
    return Town(units=full, homes=homes, kerb=kerb, rng=rng)


def years(count: int, first: int, last: int, rng: np.random.Generator) -> np.ndarray:
    """Draw opening years, more of them later."""
    span = np.arange(first, last + 1)
    weight = np.linspace(1, 3, len(span))
    return rng.choice(span, count, p=weight / weight.sum())


def numbered(rows: list[dict[str, Any]], letters: str) -> pd.DataFrame:
    """Return facilities as a table with a number each: ST001, ST002, ..."""
    table = pd.DataFrame(rows)
    table.insert(0, "编号", [f"{letters}{k:03d}" for k in range(1, len(table) + 1)])
    if "停用年份" in table:
        table["停用年份"] = table["停用年份"].astype("Int64")
    return table
