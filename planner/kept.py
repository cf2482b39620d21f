"""Study areas and stages of runs kept on disk, found again by all that they are made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from planner.district.area import StudyArea
from planner.district.reading.alike import reading_key
from planner.district.reading.extent import reach_m
from planner.district.reading.files import cache_folder, seen_from
from planner.district.reading.standing import MadeOf
from planner.settings import Settings
from planner.study.records import RECORDS
from planner.study.stages import Stages


class KeptArea:
    """The study area of a scenario on disk, and what stands on it.

    Parameters
    ----------
    made
        What a result of the scenario would be made of.
    folder
        The scenario's folder.
    settings
        Its settings.
    fresh
        Whether what was kept is passed by, and kept anew.
    """

    def __init__(
        self, made: MadeOf, folder: Path, settings: Settings, *, fresh: bool = False
    ) -> None:
        # Where a file lies counts as the scenario sees it, so that a folder may be moved.
        files = {
            word: sorted((seen_from(folder, path), digest) for path, digest in found.items())
            for word, found in made.files.items()
        }
        self.made, self.settings = made, settings
        self.disk = Stages([made.program, files], cache_folder(), RECORDS, fresh=fresh)
        read = {"settings": reading_key(settings), "reach_m": reach_m(settings)}
        self.key = self.disk.key("area", read)
        self.checked = self.disk.on(self.key).key("checked", settings.model_dump(mode="json"))

    def find(self, holds: Callable[[StudyArea], bool]) -> StudyArea | None:
        """Return the area as it was kept.

        Parameters
        ----------
        holds
            Tells whether the settings hold of an area; asked where they were not checked on it.

        Returns
        -------
        The area; None where none was kept, or where something does not hold, which reading it anew
        will tell.
        """
        there, area = self.disk.find(self.key)
        if not there:
            return None
        if not self.disk.find(self.checked)[0]:
            if not holds(area):
                return None
            self.disk.keep(self.checked, True)
        found: StudyArea = area
        return found

    def stages(self, area: StudyArea) -> Stages:
        """Return the stages that stand on the area.

        Parameters
        ----------
        area
            The area.

        Returns
        -------
        The stages; held in memory alone where not all that was read is known by its content.
        """
        return self.disk.on(self.key) if self._is_known(area) else Stages()

    def keep(self, area: StudyArea) -> None:
        """Keep an area that was read and checked.

        Parameters
        ----------
        area
            The area.
        """
        if self._is_known(area):
            self.disk.keep(self.key, area)
            self.disk.keep(self.checked, True)

    def _is_known(self, area: StudyArea) -> bool:
        return self.made.covers((one.file, one.sha256) for one in area.inputs)
