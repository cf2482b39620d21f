"""What a batch will take, before it starts: processor time, time by the clock, memory and disk.

Rates are data, in ``rates.toml`` with the command that measured them; or those of a batch that was
run on the machine at hand.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from planner import api
from planner.batch.districts import ListedDistrict, read_districts
from planner.batch.journal import JOURNAL
from planner.district.reading.estimate import estimate as estimated_memory
from planner.district.reading.estimate import rows_of_communities
from planner.errors import Gathered, InputError, fail
from planner.output.chosen import PARTS_OF_MANY, chosen
from planner.settings import Settings

SCENARIO_SUFFIX = ".toml"


@dataclass(frozen=True, kw_only=True)
class JobEstimate:
    """What a batch will take.

    Parameters
    ----------
    districts
        How many districts.
    communities
        Communities in all; those whose files do not tell count as the mean of the others.
    untold
        Districts whose files do not tell how many communities they have.
    cpu_seconds
        Processor time of all.
    least, most
        By which factors measured districts were off.
    longest_seconds
        Processor time of the longest district: no number of workers is faster.
    worker_bytes
        Memory that a worker needs: that of the largest district, with what workers held beside it.
    disk_bytes
        Size of the results.
    source
        What measured the rates.
    """

    districts: int
    communities: int
    untold: int
    cpu_seconds: float
    least: float
    most: float
    longest_seconds: float
    worker_bytes: float
    disk_bytes: float
    source: str

    def seconds(self, workers: int) -> float:
        """Return the time by the clock that so many workers take, each with a core of its own.

        Parameters
        ----------
        workers
            How many.
        """
        return max(self.cpu_seconds / workers, self.longest_seconds)


def estimate(
    table: str | Path,
    *,
    use: Sequence[str] = (),
    set: Sequence[str] = (),  # noqa: A002  as on the command line
    outputs: Sequence[str] | None = None,
    like: str | Path | None = None,
) -> JobEstimate:
    """Estimate what a batch will take, from the size of its files; nothing is read or computed.

    Parameters
    ----------
    table
        A table of districts, a folder of them, or one scenario file.
    use, set
        Laid over each district.
    outputs
        What of each result is written; all if not given.
    like
        The folder of a batch that was run: rates are scaled to what its districts took.

    Returns
    -------
    The estimate.

    Raises
    ------
    PlannerError
        If the table or a scenario does not hold, or the other batch tells no times: all at once.
    """
    parts = chosen(outputs, PARTS_OF_MANY)
    path = Path(table)
    one = ListedDistrict(name=path.stem, scenario=path)
    listed = [one] if path.suffix.lower() == SCENARIO_SUFFIX else read_districts(path)
    gathered = Gathered()
    read = [gathered.attempt(partial(_read, one, use, set)) for one in listed]
    gathered.raise_any()
    found = [one for one in read if one is not None]
    rows = [rows_of_communities(settings, folder) for settings, folder in found]
    told = [n for n in rows if n is not None]
    mean = sum(told) / len(told) if told else rates()["communities"]
    counts = [mean if n is None else n for n in rows]
    seconds = [cpu_seconds(n, parts) for n in counts]
    scale, least, most, source = _scale(like, parts)
    rate, beside = rates()["disk"], rates()["memory"]["beside_gb"] * 1e9
    sizes = [rate["base_mb"] + rate["community_mb"] * n for n in counts]
    size = sum(sizes) if parts == chosen(None, PARTS_OF_MANY) else 0
    return JobEstimate(
        districts=len(found),
        communities=round(sum(counts)),
        untold=len(rows) - len(told),
        cpu_seconds=scale * sum(seconds),
        least=least,
        most=most,
        longest_seconds=scale * max(seconds),
        worker_bytes=max(estimated_memory(*one).total_bytes for one in found) + beside,
        disk_bytes=size * 1e6,
        source=source,
    )


def cpu_seconds(communities: float, parts: Sequence[str]) -> float:
    """Return the processor time of a district by the measured rates.

    Parameters
    ----------
    communities
        How many communities it has.
    parts
        What of its result is written.

    Examples
    --------
    >>> cpu_seconds(0, ("record",)) < cpu_seconds(200, ("record",)) < cpu_seconds(200, ("map",))
    True
    """
    rate = rates()[_class_of(parts)]
    found: float = rate["base_s"] + rate["community_s"] * communities
    return found


@cache
def rates() -> Mapping[str, Any]:
    """Return the measured rates."""
    return tomllib.loads(files(__package__).joinpath("rates.toml").read_text("utf-8"))


def _class_of(parts: Sequence[str]) -> str:
    """Return which rates hold for outputs: pages take far longer than figures."""
    return "all" if {"map", "report", "workbook"} & {*parts} else "figures"


def _read(one: ListedDistrict, use: Sequence[str], assign: Sequence[str]) -> tuple[Settings, Path]:
    return api.read_settings(one.scenario, use=[*use, *one.use], set=[*assign, *one.assign])


def _scale(like: str | Path | None, asked: Sequence[str]) -> tuple[float, float, float, str]:
    """Return by what the rates are multiplied, how far districts were off, and who measured it."""
    if like is None:
        about = rates()
        return 1.0, about["least"], about["most"], about[_class_of(asked)]["command"]
    path = Path(like) / JOURNAL
    try:
        rows = json.loads(path.read_text("utf-8"))["districts"]
        ran = [one for one in rows if one["state"] == "done" and one["cpu_seconds"] > 0]
        parts = json.loads(path.read_text("utf-8"))["outputs"]
        expected = [_expected(one, parts) for one in ran]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise fail(InputError, "batch.no_times", file=str(path), value=str(error)) from None
    if not ran:
        raise fail(InputError, "batch.no_times", file=str(path), value="0")
    took = [float(one["cpu_seconds"]) for one in ran]
    scale = sum(took) / sum(expected)
    off = [own / (scale * guess) for own, guess in zip(took, expected, strict=True)]
    return scale, min(off), max(off), str(like)


def _expected(row: Mapping[str, Any], parts: Sequence[str]) -> float:
    one = ListedDistrict(name=row["name"], scenario=Path(row["scenario"]))
    settings, folder = _read(one, row["use"], row["set"])
    n = rows_of_communities(settings, folder)
    return cpu_seconds(rates()["communities"] if n is None else n, parts)
