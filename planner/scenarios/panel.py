"""A panel in a notebook: kind, limit, speed, sites and year are chosen, map and figures follow.

What does not depend on a choice is computed once: stages of a run are held in memory, as in a
sweep. `Panel.view` is the same without a notebook.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from planner import api
from planner.checked import CheckResult
from planner.checking import check_again
from planner.district.reading.alike import reading_key
from planner.errors import SettingsError, fail
from planner.language import Spoken, default_lang, language_of, script_of, spelling, text
from planner.output.chosen import require_report
from planner.plans import UserPlan
from planner.settings import Settings, SitingQuestion
from planner.study import scenario
from planner.study.stages import Stages

FASTEST_MPS = 1.6
SLOWEST_MPS = 0.3
MOST_SITES = 30


@dataclass(frozen=True, kw_only=True)
class PanelView:
    """What a panel shows of one choice.

    Parameters
    ----------
    plan
        The plan, of the kind alone: without targets, capacity, circles and years, which no panel
        shows.
    figures
        The row of `planner.Plan.summary` of the kind.
    picture
        The map of the kind, PNG.
    caveats
        What must stand beside the figures: estimated, left out, beyond the data.
    """

    plan: UserPlan
    figures: pd.Series
    picture: bytes
    caveats: tuple[str, ...]

    def _repr_html_(self) -> str:
        """Show map and figures in a cell of a notebook."""
        shown = self.figures.to_frame().to_html(header=False, float_format="{:.3f}".format)
        drawn = b64encode(self.picture).decode()
        said = "".join(f"<p>{escape(told)}</p>" for told in self.caveats)
        return f'<img style="max-width:100%" src="data:image/png;base64,{drawn}">{said}{shown}'


class Panel:
    """Choices over a scenario, as the last line of a notebook's cell.

    Needs ``planner[notebook]`` to be shown; `view` needs ``planner[report]``.

    Parameters
    ----------
    scenario_file
        A TOML file.
    use, set
        Overrides and single settings laid over it.
    lang
        Language of words and map; the scenario's or the environment's if not given.

    Raises
    ------
    PlannerError
        If the scenario or its data do not hold: every problem at once.

    Examples
    --------
    >>> from planner.api import demo
    >>> panel = Panel(demo("helsinki"), set=["siting=[]"])
    >>> slow, fast = (panel.view(kind="health", speed_mps=speed) for speed in (0.6, 1.2))
    >>> bool(slow.figures["population"] < fast.figures["population"])
    True
    """

    def __init__(
        self,
        scenario_file: str | Path,
        *,
        use: Sequence[str] = (),
        set: Sequence[str] = (),  # noqa: A002  as on the command line
        lang: Spoken | None = None,
    ) -> None:
        self._path, self._use, self._set = Path(scenario_file), tuple(use), tuple(set)
        self.settings = self._settings()
        self.lang = language_of(lang or self.settings.lang) or default_lang()
        self._script = script_of(lang) if lang else self.settings.script
        self._read: dict[str, tuple[CheckResult, Stages]] = {}
        numbered = [*enumerate(self.settings.siting)]
        self.sited = {one.kind: n for n, one in reversed(numbered) if one.new}
        self.kinds = self._plan(self.settings, self.settings.coverage.kinds, []).kinds
        self.years = tuple(dict.fromkeys([self.settings.year, *self.settings.years]))

    def view(
        self,
        *,
        kind: str | None = None,
        minutes: float | None = None,
        speed_mps: float | None = None,
        new: int | None = None,
        year: int | None = None,
    ) -> PanelView:
        """Compute one choice.

        Parameters
        ----------
        kind
            Kind of facility; the first that is reported on if not given.
        minutes
            Limit that counts as covered.
        speed_mps
            Walking speed, metres a second.
        new
            Number of new sites of the kind, where the scenario sites it; as many as it says if not
            given.
        year
            Year that is looked at.

        Returns
        -------
        The plan, its figures and its map.

        Raises
        ------
        PlannerError
            If there is no such kind, it is not sited, a value does not hold, or the extra
            ``planner[report]`` is not installed, which draws the map.
        """
        require_report("Panel.view")
        kind = kind or self.settings.map.kind or self.kinds[0]
        if kind not in self.kinds:
            raise fail(SettingsError, "panel.no_kind", value=kind, known=", ".join(self.kinds))
        if new is not None and kind not in self.sited:
            raise fail(SettingsError, "panel.not_sited", value=kind)
        settings = self._settings(
            *([f"coverage.cutoff_min={minutes}"] if minutes is not None else []),
            *([f"walk.speed_mps={speed_mps}"] if speed_mps is not None else []),
            *([f"siting.{self.sited[kind]}.new={new}"] if new else []),
            *([f"year={year}"] if year is not None else []),
        )
        siting = [settings.siting[self.sited[kind]]] if kind in self.sited and new != 0 else []
        plan = self._plan(settings, kinds=[kind], siting=siting)
        # matplotlib is slow to load
        from planner.output.report.figures.pictures import coverage_maps  # noqa: PLC0415

        with spelling(self._script):
            picture = coverage_maps(plan, kind, self.lang, forms=("png",))["png"]
            caveats = tuple(plan.caveats(self.lang))
        figures = plan.summary().astype(object).loc[[kind]].iloc[0]
        return PanelView(plan=plan, figures=figures, picture=picture, caveats=caveats)

    def show(self) -> Any:
        """Return the panel as widgets.

        Returns
        -------
        A box of `ipywidgets`.

        Raises
        ------
        SettingsError
            If ipywidgets is not installed.
        """
        try:
            import ipywidgets  # noqa: PLC0415  of the extra `notebook`
        except ImportError as error:
            raise fail(SettingsError, "panel.no_widgets") from error
        late = {"continuous_update": False}
        cutoff, walk = self.settings.coverage.cutoff_min, self.settings.walk.speed
        chosen = {
            "kind": ipywidgets.Dropdown(options=self.kinds),
            "minutes": ipywidgets.IntSlider(min=1, max=60, value=round(cutoff), **late),
            "speed_mps": ipywidgets.FloatSlider(
                min=SLOWEST_MPS, max=FASTEST_MPS, step=0.05, value=walk.speed_mps, **late
            ),
        }
        if self.sited:
            asked_for = self.settings.siting[next(iter(self.sited.values()))].new or 0
            most = max(MOST_SITES, asked_for)
            chosen["new"] = ipywidgets.IntSlider(min=0, max=most, value=asked_for, **late)
        if len(self.years) > 1:
            chosen["year"] = ipywidgets.Dropdown(options=self.years)
        for name, widget in chosen.items():
            widget.description = text(f"panel.{name}", self.lang)
        shown = ipywidgets.HTML()

        def _update(_: object = None) -> None:
            asked = {name: widget.value for name, widget in chosen.items()}
            if asked["kind"] not in self.sited:
                asked.pop("new", None)
            shown.value = self.view(**asked)._repr_html_()

        for widget in chosen.values():
            widget.observe(_update, names="value")
        _update()
        return ipywidgets.VBox([ipywidgets.HBox([*chosen.values()]), shown])

    def _ipython_display_(self) -> None:
        from IPython import display  # noqa: PLC0415  there where it is called

        display.display(self.show())  # type: ignore[no-untyped-call]

    def _plan(
        self, settings: Settings, kinds: Sequence[str], siting: Sequence[SitingQuestion]
    ) -> UserPlan:
        """Compute what is shown and no more."""
        read, stages = self._area(settings)
        bare = {"alternatives": 0, "front": 0, "trade": []}
        shown = {
            "coverage": settings.coverage.model_copy(update={"kinds": list(kinds)}),
            "siting": [one.model_copy(update=bare) for one in siting],
            "service": [],
            "delivery": [],
        }
        asked = settings.model_copy(update=shown)
        check_again(read.area, asked, None).raise_any()
        with spelling(self._script):
            made = scenario.run(read.area, asked, None, headline=True, stages=stages)
            return UserPlan.of(made)

    def _settings(self, *more: str) -> Settings:
        asked = [*self._set, *more]
        return api.read_settings(self._path, use=self._use, set=asked)[0]

    def _area(self, settings: Settings) -> tuple[CheckResult, Stages]:
        """Return the area that settings read, as far as the fastest goes, and what stands on it."""
        key = repr(reading_key(settings))
        if key not in self._read:
            year = [] if settings.year is None else [f"year={settings.year}"]
            reach = [f"walk.speed_mps={FASTEST_MPS}", "coverage.search_min=60"]
            read = api.check(self._path, use=self._use, set=[*self._set, *year, *reach])
            self._read[key] = (read, Stages(base=len(self._read)))
        return self._read[key]
