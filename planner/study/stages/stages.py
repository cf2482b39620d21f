"""Find a stage of a run again by all that it is made of, in memory or on disk."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from planner.language import ways_of_speaking
from planner.settings import Settings
from planner.study.stages.codec import Records
from planner.study.stages.store import load_value, save_value

Value = TypeVar("Value")
_MOST_HELD = 16  # values of one stage that are held in memory


def only(settings: Settings, names: Iterable[str]) -> Settings:
    """Return settings that say nothing but some of their parts: all else is as if it was not said.

    What a stage is computed of is cut down so, and is the key to what was kept: it cannot read what
    the key does not hold.

    Parameters
    ----------
    settings
        The settings of a run.
    names
        The parts that stay. Title, communities and streets, without which there are no settings,
        stay but for the title.

    Returns
    -------
    The settings.
    """
    fields = type(settings).model_fields
    kept = {*names, "communities", "streets"}
    plain = {
        name: field.get_default(call_default_factory=True)
        for name, field in fields.items()
        if name not in kept and not field.is_required()
    }
    return settings.model_copy(update={**plain, "title": ""})


class Stages:
    """Values of stages by all that they are made of.

    Parameters
    ----------
    base
        What every stage stands on: program and libraries, the files that are read; for values held
        in memory alone, anything that tells one study area from another.
    folder
        Where they are kept on disk; None where they are held in memory alone.
    records
        The records that a value on disk may hold.
    fresh
        Whether what was kept on disk is passed by, and kept anew.
    """

    def __init__(
        self,
        base: object = None,
        folder: Path | None = None,
        records: Records | None = None,
        *,
        fresh: bool = False,
    ) -> None:
        self.base, self.folder, self.records = base, folder, records or {}
        self.fresh = fresh
        self._held: dict[str, OrderedDict[str, Any]] = {}

    def get(self, stage: str, told: Mapping[str, Any], make: Callable[[], Value]) -> Value:
        """Return the value of a stage: as it was kept, else made now and kept.

        Parameters
        ----------
        stage
            Its name.
        told
            All that it is made of beside the base, in types that JSON knows.
        make
            Makes it.

        Returns
        -------
        The value.
        """
        key = self.key(stage, told)
        held = self._held.setdefault(stage, OrderedDict())
        if key not in held:
            there, value = self.find(key)
            held[key] = value if there else make()
            if not there:
                self.keep(key, held[key])
            if len(held) > _MOST_HELD:
                held.popitem(last=False)
        held.move_to_end(key)
        found: Value = held[key]
        return found

    def on(self, more: object) -> Stages:
        """Return stages that stand on something more, kept in the same place.

        Parameters
        ----------
        more
            What they stand on beside the base, in types that JSON knows.
        """
        return Stages([self.base, more], self.folder, self.records, fresh=self.fresh)

    def key(self, stage: str, told: Mapping[str, Any]) -> str:
        """Return the key of a stage: a digest of all that it is made of.

        Parameters
        ----------
        stage
            Its name.
        told
            All that it is made of beside the base.
        """
        whole = [stage, self.base, ways_of_speaking(), told]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:40]

    def find(self, key: str) -> tuple[bool, Any]:
        """Return whether a value was kept on disk, and the value.

        Parameters
        ----------
        key
            Its key.
        """
        if self.folder is None or self.fresh:
            return False, None
        return load_value(self.folder, key, self.records)

    def keep(self, key: str, value: Any) -> None:
        """Keep a value on disk, where values are kept there.

        Parameters
        ----------
        key
            Its key.
        value
            The value.
        """
        if self.folder is not None:
            save_value(value, self.folder, key, self.records)
