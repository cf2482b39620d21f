"""Parts of reading that are done once, where scenarios that differ in little are read in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from planner.settings import Settings

Made = TypeVar("Made")
Noting = Callable[..., None]  # notes a problem of the file at hand

_PLAIN = (str, bytes, int, float, type(None))
# What a scenario is called and how it is shown decides nothing of what is read; its sites do for
# themselves alone.
_APART = ("title", "title_en", "note", "note_en", "lang", "facilities", "candidates")


class _Done(NamedTuple):
    """What a part came to, what it told on the way, and what it rests on, kept from being freed."""

    made: Any
    told: list[Any]
    rests_on: Sequence[object]


class Once:
    """Does each part of reading once, and gives it again wherever it rests on the same.

    Plain values are the same where they are equal, settings where they differ in their lists of
    sites alone, all else where it is one and the same object: what stands on a part that was given
    again is found again, too. Parts change nothing that they are given.

    Parameters
    ----------
    holds
        Whether anything is held; else each part is done whenever it is asked for, and nothing
        stays in memory.
    """

    def __init__(self, *, holds: bool = True) -> None:
        self.holds = holds
        self._done: dict[tuple[object, ...], _Done] = {}

    def do(
        self,
        part: str,
        rests_on: Sequence[object],
        logs: Sequence[list[Any]],
        make: Callable[[], Made],
    ) -> Made:
        """Return what a part comes to; what it writes into lists is written again.

        Parameters
        ----------
        part
            Its name.
        rests_on
            All that decides what it comes to.
        logs
            The lists that it may add to, such as problems and remarks.
        make
            Does it; an error that it raises is not held.
        """
        if not self.holds:
            return make()
        key = (part, *map(_known_by, rests_on))
        done = self._done.get(key)
        if done is None:
            before = [len(log) for log in logs]
            made = make()
            told = [log[n:] for log, n in zip(logs, before, strict=True)]
            self._done[key] = _Done(made, told, rests_on)
            return made
        for log, more in zip(logs, done.told, strict=True):
            log.extend(more)
        found: Made = done.made
        return found

    def noted(
        self, part: str, rests_on: Sequence[object], note: Noting, make: Callable[[Noting], Made]
    ) -> Made:
        """Return what a part comes to that only notes what is wrong; it is noted again.

        Parameters
        ----------
        part, rests_on
            As for `do`.
        note
            Collects what is wrong, this time.
        make
            Does it, noting to the function that it is given.
        """
        told: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

        def _note(*key: Any, **values: Any) -> None:
            told.append((key, values))

        try:
            return self.do(part, rests_on, (told,), lambda: make(_note))
        finally:
            for key, values in told:
                note(*key, **values)


def but_for_sites(settings: Settings) -> str:
    """Return all that a scenario says but for its lists of facilities and candidates.

    Parameters
    ----------
    settings
        The settings of a run.

    Returns
    -------
    A text that two scenarios share where they differ in nothing else.
    """
    return repr(settings.model_dump(exclude=dict.fromkeys(_APART, True)))


def _known_by(one: object) -> object:
    if isinstance(one, Settings):
        return but_for_sites(one)
    return (type(one), one) if isinstance(one, _PLAIN) else id(one)
