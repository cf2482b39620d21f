"""Plans as Python hands them out: drawn, saved, and shown in a notebook."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import geopandas as gpd

from planner import language
from planner.district.reading import folders
from planner.district.reading.standing import MadeOf
from planner.errors import SettingsError, fail
from planner.language import (
    Lang,
    Script,
    Spoken,
    default_lang,
    script_of,
    spelling,
    text,
    times_from,
)
from planner.output import layers as layer_register
from planner.output import report, write
from planner.output.chosen import Part, chosen, require_report, without_report
from planner.output.report.figures.curves import Shows
from planner.settings import spoken_of
from planner.study import plan_file
from planner.study.comparison import Comparison
from planner.study.plan import Plan
from planner.study.stages import UnknownTypeError

if TYPE_CHECKING:
    import folium
    from PIL import Image

_LOG = logging.getLogger(__name__)
Against = Literal["sites", "time", "longest", "fairness"]


class UserPlan(Plan):
    """A plan as `run` gives it: it also shows, draws and saves itself.

    It prints as its summary, and shows in a notebook's cell as that table and the map.

    Examples
    --------
    >>> plan.explore(indicator="minutes")  # doctest: +SKIP
    >>> plan.layer("responsibility_areas")  # doctest: +SKIP
    >>> plan.save("result")  # doctest: +SKIP
    PosixPath('result')
    """

    @classmethod
    def of(cls, plan: Plan) -> UserPlan:
        """Return a plan with what a user does with it.

        Parameters
        ----------
        plan
            The plan.

        Returns
        -------
        The same figures.
        """
        known = {one.name: getattr(plan, one.name) for one in fields(plan) if one.init}
        return cls(**known)

    def explore(
        self,
        *,
        lang: Spoken | None = None,
        kind: str | None = None,
        layers: Sequence[str] | None = None,
        indicator: str | None = None,
    ) -> folium.Map:
        """Return the map of the plan; the last line of a notebook's cell shows it.

        Parameters
        ----------
        lang, kind, layers, indicator
            As for `planner.draw`.

        Returns
        -------
        The map, as folium gives it to a notebook.
        """
        return draw(self, lang=lang, kind=kind, layers=layers, indicator=indicator)

    def plot_front(
        self, question: int = 1, *, against: Against = "sites", lang: Spoken | None = None
    ) -> Image.Image:
        """Return a picture of what more sites, or another aim, would bring.

        Parameters
        ----------
        question, against, lang
            As for `planner.draw_front`.

        Returns
        -------
        A picture; its ``save("front.png")`` writes it.
        """
        return draw_front(self, question, against=against, lang=lang)

    def save(
        self,
        folder: str | Path,
        *,
        lang: Spoken | None = None,
        outputs: Sequence[str] | None = None,
    ) -> Path:
        """Save the plan's map, report, tables and layers to a folder: complete, or not at all.

        Parameters
        ----------
        folder, lang, outputs
            As for `planner.save`.

        Returns
        -------
        The folder.
        """
        return save(self, folder, lang=lang, outputs=outputs)

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return the features of a layer of the map, made if the plan does not have it yet.

        Parameters
        ----------
        name
            A layer with features of its own, such as ``"responsibility_areas"``; the README has
            all.

        Returns
        -------
        A row for each feature, in the CRS of the plan.

        Raises
        ------
        SettingsError
            If there is no such layer: the message names those there are.
        """
        spec = layer_register.of_features(name)
        if spec is None:
            made = [one.id for one in layer_register.in_order() if one.make is not None]
            raise SettingsError([layer_register.unknown_layer(name, made)])
        return layer_register.features(self, spec)

    def _repr_html_(self) -> str:
        """Show the plan in a cell of a notebook: its summary, and the map."""
        drawn: str = self.explore()._repr_html_()
        return f"{self.summary().round(3).to_html()}\n{drawn}"


def draw(
    plan: Plan | Comparison,
    *,
    lang: Spoken | None = None,
    kind: str | None = None,
    layers: Sequence[str] | None = None,
    indicator: str | None = None,
) -> folium.Map:
    """Draw the map of a plan, or of two; the last line of a notebook's cell shows it.

    Parameters
    ----------
    plan
        The plan, or two compared.
    lang
        Language of the page; the scenario's or the environment's if not given.
    kind
        Kind of facility shown at first.
    layers
        Layers shown at first; the others are off. The README lists them.
    indicator
        What communities are shaded by at first: ``"share"`` covered, ``"minutes"`` to the nearest,
        ``"walk"`` (the circles), ``"population"``, or any other that the README lists.

    Returns
    -------
    The map, as folium gives it to a notebook.

    Raises
    ------
    SettingsError
        If the plan has no such kind, layer or indicator: the message names those it has.

    Examples
    --------
    >>> from planner.api import demo, run
    >>> plan = run(demo("helsinki"), set=["siting=[]"])
    >>> drawn = draw(plan, layers=["facilities", "streets"], indicator="density")
    >>> draw(plan, lang="en", indicator="happiness")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    planner.errors.SettingsError: this plan has no indicator 'happiness' ...
    """
    from planner.output import maps  # noqa: PLC0415  folium is slow to load

    with _telling(plan, lang):
        return maps.draw(
            plan, lang=language_of(plan, lang), kind=kind, layers=layers, indicator=indicator
        )


def draw_front(
    plan: Plan,
    question: int = 1,
    *,
    against: Against = "sites",
    lang: Spoken | None = None,
) -> Image.Image:
    """Draw a front of a siting question; the last line of a notebook's cell shows it.

    Parameters
    ----------
    plan
        The plan.
    question
        Number of the siting question, from 1.
    against
        What is traded: the number or cost of ``"sites"`` against people covered, cover against
        mean ``"time"``, mean time against the ``"longest"``, or cover against ``"fairness"``.
    lang
        Language of the words; the scenario's or the environment's if not given.

    Returns
    -------
    A picture; its ``save("front.png")`` writes it.

    Raises
    ------
    SettingsError
        If the question has no such front, or too few plans to draw; or if the extra
        ``planner[report]`` is not installed.

    Examples
    --------
    >>> draw_front(plan, against="time").save("front.png")  # doctest: +SKIP
    """
    require_report("draw_front")
    # matplotlib is slow to load
    from PIL import Image  # noqa: PLC0415

    from planner.output.report.figures import pictures  # noqa: PLC0415

    shows: dict[str, Shows] = {
        "sites": "front",
        "time": "front_time",
        "longest": "front_longest",
        "fairness": "front_fairness",
    }
    drawn = None
    if 1 <= question <= len(plan.siting) and against in shows:
        with _telling(plan, lang):
            drawn = pictures.curve(
                plan, shows[against], question, language_of(plan, lang), forms=("png",)
            )
    if drawn is None:
        raise fail(SettingsError, "siting_study.no_front", value=question, against=against)
    return Image.open(BytesIO(drawn["png"]))


def save(
    plan: Plan | Comparison,
    folder: str | Path,
    *,
    lang: Spoken | None = None,
    outputs: Sequence[str] | None = None,
    made: Callable[[], MadeOf | None] = lambda: None,
    further: Mapping[str, folders.Content] | None = None,
) -> Path:
    """Save a plan's map, report, tables and layers to a folder: complete, or not at all.

    Of two plans compared, the map and the tables of what differs.

    Parameters
    ----------
    plan
        The plan, or two compared.
    folder
        Where to; a folder of an earlier run is replaced once the new one is whole.
    lang
        Language of what people read; the scenario's or the environment's if not given.
    outputs
        What of a plan's result is written, and computed for it: ``"map"``, ``"report"`` (with its
        pictures, text and documents), ``"workbook"``, ``"tables"``, ``"layers"``, ``"record"``,
        ``"plan"`` (for `planner.load_plan`); all if not given, without report and workbook where
        the extra ``planner[report]`` is not installed.
    made
        Tells what went into the plan, for its manifest; a later run of the command line finds the
        result unchanged then.
    further
        Files beside those of a plan, by path within the folder.

    Returns
    -------
    The folder.

    Raises
    ------
    InputError
        If something else stands in the folder.
    SettingsError
        If there is no such output, or what makes it is not installed.

    Examples
    --------
    >>> save(plan, "result", lang="en")  # doctest: +SKIP
    PosixPath('result')
    """
    with _telling(plan, lang):
        if isinstance(plan, Comparison):
            return _save_comparison(plan, Path(folder), language_of(plan, lang))
        beside = {} if further is None else further
        spoken, parts = language_of(plan, lang), chosen(outputs)
        for told in [] if outputs else without_report(spoken):
            _LOG.warning(told)
        return _save(plan, Path(folder), spoken, parts, made=made, beside=beside)


def _save_comparison(plan: Comparison, folder: Path, lang: Lang) -> Path:
    from planner.output import maps  # noqa: PLC0415

    record = json.dumps(report.comparison_record(plan), ensure_ascii=False, indent=1)
    told = report.comparison_files(plan, lang)
    for lacking in without_report(lang, ["comparison.docx", "comparison.xlsx"]):
        _LOG.warning(lacking)
    page = maps.page(plan, lang=lang)
    folders.save_folder(folder, {"map.html": page, "comparison.json": record, **told})
    return folder


def _save(
    plan: Plan,
    folder: Path,
    lang: Lang,
    parts: tuple[Part, ...],
    *,
    made: Callable[[], MadeOf | None],
    beside: Mapping[str, folders.Content],
) -> Path:
    files: dict[str, folders.Content] = dict(beside)
    if "map" in parts:
        from planner.output import maps  # noqa: PLC0415

        files["map.html"] = maps.page(plan, lang=lang)
    if "record" in parts:
        files["plan.json"] = json.dumps(report.record(plan), ensure_ascii=False, indent=1)
    if "layers" in parts:
        files["plan.gpkg"] = lambda path: write.write_gpkg(path, report.layers(plan))
    if {"report", "workbook"} & set(parts):
        files |= report.files(plan, lang, parts)
    if "tables" in parts:
        files |= {
            f"tables/{name}.csv": write.csv_bytes(report.for_readers(table, plan, lang))
            for name, table in report.tables(plan).items()
        }
    if "plan" in parts:
        try:
            files[plan_file.NAME] = plan_file.plan_bytes(plan)
        except UnknownTypeError as error:
            _LOG.warning(text("plan_file.left_out", lang, name=plan_file.NAME, value=error))
    folders.save_folder(folder, files, lambda: _made(plan, parts, made()))
    return folder


def load_plan(folder: str | Path) -> UserPlan:
    """Return a plan that was saved, as it was: nothing is read or computed anew.

    Parameters
    ----------
    folder
        The folder of a result, or its ``plan.planner``. The data that the plan was made of need not
        be there.

    Returns
    -------
    The plan; it prints, draws and saves itself as the one that was saved.

    Raises
    ------
    InputError
        If no whole plan was saved there, it is of another schema, or it is damaged.

    Examples
    --------
    >>> load_plan("result").summary()  # doctest: +SKIP
    """
    path = Path(folder)
    return UserPlan.of(plan_file.read_plan(path / plan_file.NAME if path.is_dir() else path))


def _made(plan: Plan, parts: tuple[Part, ...], told: MadeOf | None) -> MadeOf | None:
    """Return what a result was made of, where that is all known.

    Streets fetched from the web are not; nor is what a font installed later would change.
    """
    if told is None or not told.covers((one.file, one.sha256) for one in plan.area.inputs):
        return None
    if "report" in parts:
        from planner.output.report.figures import fonts  # noqa: PLC0415  matplotlib is slow to load

        return told if fonts.pen().chinese else None
    return told


@contextmanager
def _telling(plan: Plan | Comparison, asked: Spoken | None) -> Iterator[None]:
    """Speak of a plan in the script asked for, and of its walks as what they are."""
    told = [plan.first, plan.second] if isinstance(plan, Comparison) else [plan]
    with spelling(_script(plan, asked)), times_from(*spoken_of(one.settings for one in told)):
        yield


def _script(plan: Plan | Comparison, asked: Spoken | None) -> Script | None:
    settings = plan.first.settings if isinstance(plan, Comparison) else plan.settings
    return script_of(asked) if asked else settings.script


def language_of(plan: Plan | Comparison, lang: Spoken | None) -> Lang:
    """Return the language that a plan is told in.

    Parameters
    ----------
    plan
        The plan, or two compared.
    lang
        The one asked for.

    Returns
    -------
    That, else the scenario's, else the environment's.
    """
    settings = plan.first.settings if isinstance(plan, Comparison) else plan.settings
    return language.language_of(lang) or settings.language or default_lang()
