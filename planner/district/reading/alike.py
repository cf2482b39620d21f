"""Tell whether two scenarios read the same of the same files."""

from __future__ import annotations

from typing import Any

from planner.settings import Settings

# What neither reading nor placing on the streets looks at, beyond how far anybody goes.
_UNREAD = (
    "title", "title_en", "note", "note_en", "lang", "use", "scenarios", "siting", "service",
    "map", "outputs", "years",
)  # fmt: skip


def reading_key(settings: Settings) -> dict[str, Any]:
    """Return what of the settings decides what is read, but for how far anybody goes.

    Parameters
    ----------
    settings
        The settings of a run.

    Returns
    -------
    Plain values: two scenarios for which they are equal read the same, where streets are cut from
    an extract as far as `planner.district.reading.extent.reach_m`.
    """
    said = settings.model_dump(mode="json", exclude=dict.fromkeys(_UNREAD, True))
    walked = ("max_snap_m", "avoid", "factors", "way")
    said["walk"] = {name: said["walk"][name] for name in walked}
    for key in ("minutes", "cutoff_min", "covered_share", "search_min", "gap_kinds"):
        said["coverage"].pop(key)
    said["delivery"] = bool(settings.delivery)
    return said
