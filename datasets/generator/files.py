"""Files as offices keep them, whose bytes depend on nothing but the data."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import opencc
import pandas as pd
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from generator.place import Place, gcj02


def pick(table: pd.DataFrame, columns: str, place: Place, *, datum: str = "wgs84") -> pd.DataFrame:
    """Take columns in order, and 经度 and 纬度 in the datum asked for."""
    lon, lat = place.to_degrees(table[["x", "y"]].to_numpy()).T
    if datum == "gcj02":
        lon, lat = gcj02(lon, lat)
    return table[columns.split()].assign(经度=np.round(lon, 6), 纬度=np.round(lat, 6))


def traditional(table: pd.DataFrame) -> pd.DataFrame:
    """Write the words and headings of a table in traditional characters."""
    convert = _converter().convert

    def written(cell: Any) -> Any:
        return convert(cell) if isinstance(cell, str) else cell

    words = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    table = table.assign(**{name: table[name].map(written) for name in words})
    return table.rename(columns=convert)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2tw")


def write_streets(ways: gpd.GeoDataFrame, place: Place, path: Path) -> None:
    """Write streets as GeoParquet, in an order that keeps neighbours together."""
    table = gpd.GeoDataFrame(
        {"name": ways.name.where(ways.name != "", None), "highway": ways.highway,
         "oneway": ways.oneway.astype(bool), "bridge": ways.bridge.astype(bool)},
        geometry=place.on_globe(ways.geometry.to_numpy()), crs="EPSG:4326",
    )  # fmt: skip
    order = table.hilbert_distance(total_bounds=table.total_bounds).argsort(kind="stable")
    write_parquet(table.iloc[order].reset_index(drop=True), path)


def write_parquet(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write GeoParquet, packed tightly."""
    table.to_parquet(path, index=False, compression="zstd", compression_level=19)


def write_layer(table: gpd.GeoDataFrame, path: Path, layer: str, date: str) -> None:
    """Write a GeoPackage of areas that bears a fixed date (YYYY-MM-DD)."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{date}T00:00:00.000Z"})
    pyogrio.write_dataframe(table, path, layer=layer, geometry_type="MultiPolygon",
                            promote_to_multi=True)  # fmt: skip


def write_points(table: pd.DataFrame, path: Path) -> None:
    """Write a table with 经度 and 纬度 as GeoJSON points."""
    write_geojson(
        (
            feature({k: v for k, v in row.items() if k not in {"经度", "纬度"}},
                    {"type": "Point", "coordinates": [row["经度"], row["纬度"]]})
            for row in table.to_dict("records")
        ),
        path,
    )  # fmt: skip


def write_backdrop(
    shapes: Iterable[tuple[str, str, BaseGeometry, float]], place: Place, path: Path
) -> None:
    """Write what lies under an offline map: kind, name, shape in metres, how thin to draw it."""
    write_geojson(
        (
            feature({"kind": kind, "name": name}, json.loads(shapely.to_geojson(part)))
            for kind, name, shape, tolerance in shapes
            for part in shapely.get_parts(
                place.on_globe(place.to_lattice(shapely.simplify(shape, tolerance)))
            )
            if part.geom_type == "Polygon" and not part.is_empty
        ),
        path,
    )


def feature(properties: Mapping[str, Any], geometry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write_geojson(features: Iterable[dict[str, Any]], path: Path) -> None:
    """Write features, one a line."""
    lines = ",\n".join(json.dumps(f, ensure_ascii=False) for f in features)
    text = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8")


def write_csv(table: pd.DataFrame, path: Path, encoding: str = "utf-8") -> None:
    """Write a text table; what is not UTF-8 ends its lines as Excel does."""
    text = table.to_csv(index=False, lineterminator="\r\n" if encoding != "utf-8" else "\n")
    path.write_bytes(text.encode(encoding))


def write_xlsx(sheets: Mapping[str, pd.DataFrame], path: Path, date: str) -> None:
    """Write a workbook that bears a fixed date (YYYY-MM-DD)."""
    raw = BytesIO()
    with pd.ExcelWriter(raw, engine="openpyxl") as writer:
        for name, table in sheets.items():
            table.to_excel(writer, sheet_name=name, index=False)
    year, month, day = (int(part) for part in date.split("-"))
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename == "docProps/core.xml":
                body = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", f"{date}T00:00:00Z".encode(), body)
            fixed = zipfile.ZipInfo(entry.filename, (year, month, day, 0, 0, 0))
            new.writestr(fixed, body, zipfile.ZIP_DEFLATED)
