"""Digests of files, with the files that belong to them; loads nothing beside the standard library.

So a run whose result stands tells that in a moment (`planner.district.reading.standing`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "package:"
DATABASE = "database:"

# Beside a .shp: attributes, CRS and encoding. They belong to its content.
_SHAPEFILE_PARTS = (".dbf", ".prj", ".cpg")
_NEEDED_PARTS = (".shx", ".dbf")
GEODATABASE = ".gdb"
OF_SHAPEFILE = (".shp", ".shx", *_SHAPEFILE_PARTS)


def sha256(path: Path) -> str:
    """Compute the digest of a file's content.

    The digest of a shapefile covers its attributes, CRS and encoding too: that of the ``.shp``,
    ``.dbf``, ``.prj`` and ``.cpg`` one after another; that of a file geodatabase, which is a
    folder, all files in it by their names.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    SHA-256 in hexadecimal.
    """
    digest = hashlib.sha256()
    for part in parts(path) if is_geodatabase(path) else [path, *parts(path)]:
        with part.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def parts(path: Path) -> list[Path]:
    """List the files beside a shapefile, or within a geodatabase, that belong to its content.

    Parameters
    ----------
    path
        The ``.shp`` file, or the ``.gdb`` folder; any other file has none.

    Returns
    -------
    Those of ``.dbf``, ``.prj`` and ``.cpg`` that exist; all files of the folder but its locks.
    """
    if is_geodatabase(path):
        inner = (one for one in path.iterdir() if one.suffix != ".lock" and one.is_file())
        return sorted(inner)
    return [part for part in _beside(path, _SHAPEFILE_PARTS).values() if part is not None]


def beside(path: Path) -> list[Path]:
    """List the files beside a shapefile that are needed to read it, or belong to its content.

    Parameters
    ----------
    path
        The ``.shp`` file; any other file has none.

    Returns
    -------
    Those that exist.
    """
    found = _beside(path, OF_SHAPEFILE[1:]).values()
    return [part for part in found if part is not None]


def is_geodatabase(path: Path) -> bool:
    """Return whether a path is a file geodatabase: a folder called ``.gdb``.

    Parameters
    ----------
    path
        The path.
    """
    return path.suffix.lower() == GEODATABASE and path.is_dir()


def missing_parts(path: Path) -> list[str]:
    """List the files beside a shapefile without which it cannot be read, where they are missing.

    Parameters
    ----------
    path
        The ``.shp`` file; any other file needs none.

    Returns
    -------
    Names of files.
    """
    beside = _beside(path, _NEEDED_PARTS)
    return [path.stem + suffix for suffix, part in beside.items() if part is None]


def _beside(path: Path, suffixes: Sequence[str]) -> dict[str, Path | None]:
    """Find the files of a shapefile by their suffix; of any other file there are none."""
    if path.suffix.lower() != ".shp":
        return {}
    beside = {entry.name.lower(): entry for entry in path.parent.iterdir()}
    return {suffix: beside.get(path.stem.lower() + suffix) for suffix in suffixes}


def package_folder(package: str) -> Path | None:
    """Find the folder of an installed package, without running it.

    Parameters
    ----------
    package
        Its name; looking for ``a.b`` would run ``a``, so there is none.

    Returns
    -------
    The folder; None where there is no such package.
    """
    try:
        spec = find_spec(package) if package.isidentifier() else None
    except (ImportError, ValueError):  # one that is being run, such as `__main__`
        return None
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    return Path(folders[0]).resolve() if folders else None
