"""The embedded cases; loads nothing of the engine."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from planner.errors import SettingsError, did_you_mean, fail

EMBEDDED = ("chengwan", "beizhu", "rongpu", "jiangji", "yunpu", "helsinki")


def demos() -> dict[str, Path]:
    """List the embedded cases: name and scenario file.

    They lie in the package once it is installed, and beside it in a checkout.

    Examples
    --------
    >>> sorted(demos())
    ['beizhu', 'chengwan', 'helsinki', 'jiangji', 'rongpu', 'yunpu']
    """
    package = Path(str(files("planner")))
    places = (package / "datasets", package.parent / "datasets")
    root = next((place for place in places if place.is_dir()), places[0])
    return {name: root / name / "scenario.toml" for name in EMBEDDED}


def demo(name: str = "chengwan") -> Path:
    """Return the scenario file of an embedded case.

    Parameters
    ----------
    name
        The case, one of `demos`.

    Returns
    -------
    The file's path.

    Raises
    ------
    SettingsError
        If there is none of that name.

    Examples
    --------
    >>> demo("helsinki").name
    'scenario.toml'
    """
    known = demos()
    if name not in known:
        raise fail(SettingsError, "no_demo", value=name, hint=did_you_mean(name, known))
    return known[name]
