"""Looking addresses up at a terminal: with a progress bar, and what became of it."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from planner.cli import progress
from planner.errors import SettingsError, did_you_mean, fail
from planner.geocoding import geocode, services
from planner.language import Lang, text


def look_up(
    file: Path, by: str, *, within: str, sheet: str | None, out: Path | None, lang: Lang
) -> None:
    """Look up the rows of a list that have no coordinates, and print what was found.

    Parameters
    ----------
    file
        The list.
    by
        Id of the service.
    within
        City or district that addresses are in.
    sheet
        Sheet of the file, where it has several.
    out
        The list of places; beside the file if not given.
    lang
        Language of what is printed, and of the headings of the list.

    Raises
    ------
    InputError
        If the file does not exist, or cannot be read.
    SettingsError
        If there is no such service, or no key for it in the environment.
    GeocodingError
        If the service ends its answers before the last row: what was found is kept.
    """
    service = services().get(by)
    if service is None:
        hint = did_you_mean(by, services())
        raise fail(SettingsError, "geocoding.unknown_service", value=by, hint=hint)
    key = os.environ.get(service.key, "").strip()
    if not key:
        raise fail(SettingsError, "geocoding.no_key", value=by, key=service.key)
    with progress.bar(text("geocoding.asking", lang)) as told:
        found = geocode(
            file, service, key, within=within, layer=sheet, out=out, lang=lang, progress=told
        )
    console = Console()

    def _say(which: str, **values: object) -> None:
        words = text(f"geocoding.{which}", lang, **values)
        console.print(escape(words), highlight=False, soft_wrap=True)

    if not found.rows:
        _say("all_placed")
        return
    counts = {name: getattr(found, name) for name in ("rows", "exact", "near", "nothing", "asked")}
    _say("done", **counts)
    if found.file.exists():
        _say("written", file=found.file, name=found.file.name)
        if found.stopped is not None:
            _say("go_on")
    if found.stopped is not None:
        raise found.stopped
