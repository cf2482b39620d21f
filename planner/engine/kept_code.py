"""Where machine code of compiled functions is kept, and for which code: asked without numba.

numba keys its cache by a function's own file, so it may return stale code after a callee in another
file changed. Here it is named after the compiled code of the function's whole room: a folder of the
engine with all its subfolders. Compiled functions of one room never call those of another, which
import-linter holds.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path


def room_of(file: Path) -> Path:
    """Return the room of the engine that a file stands in; its own folder, where it is no part.

    Parameters
    ----------
    file
        A file of compiled functions.
    """
    engine = Path(__file__).parent
    return engine / file.relative_to(engine).parts[0] if engine in file.parents else file.parent


@cache
def code_of(room: Path) -> str:
    """Return a checksum of all files of a room, however deep, that hold compiled functions.

    Parameters
    ----------
    room
        The folder.
    """
    sources = [path.read_bytes() for path in sorted(room.rglob("*.py"))]
    return hashlib.sha256(b"".join(one for one in sources if b"@compiled" in one)).hexdigest()[:12]


def is_kept(function: Callable[..., Any]) -> bool:
    """Return whether machine code of a compiled function is on disk, for the code as it is.

    Parameters
    ----------
    function
        A function that is `compiled`.

    Returns
    -------
    True if a file of that name stands where numba keeps its code: beside the package, in the user's
    cache, or in ``NUMBA_CACHE_DIR``.
    """
    file = Path(inspect.unwrap(function).__code__.co_filename)
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    name = f"{file.stem}.{function.__qualname__}-*.{version}.{code_of(room_of(file))}.nbi"
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    places = [Path(chosen)] if chosen else [user_cache_path("numba", appauthor=False)]
    found = (path for place in places for path in place.glob(f"*/{name}"))
    beside = () if chosen else file.with_name("__pycache__").glob(name)
    return any(True for path in (*found, *beside))
