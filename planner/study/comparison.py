"""What differs between two plans of one district: shares, communities, facilities, targets.

Differences are the second plan's figure less the first's. Each plan keeps its own terms (its
speed, limit and group), and the settings that differ are listed, so that a reader sees what made
the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from planner.district.assessment import statuses
from planner.engine.coverage import Coverage
from planner.errors import InputError, Problem, Problems
from planner.language import LANGS, Lang, group_name, text
from planner.study.plan import Plan
from planner.study.setting_words import called

SAME_SHAPE = 0.5  # shapes of one community share at least so much of what both cover
SAME_PLACE_M = 1.0
SAME_FIGURE = 1e-9
UNITS = ("facilities", "capacity", "communities", "has", "reached", "linked", "new_sites")
_TELLING = {"title", "title_en", "note", "note_en", "lang", "map", "use", "folder"}

Sides = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two plans of one district, and what differs.

    Parameters
    ----------
    first, second
        The plans.
    names
        What the two are called; none where only their settings tell them apart, see `called`.
    kinds, groups
        Kinds of facility, and groups of people, that both plans report on.
    shares
        People covered within each plan's own limit: ``state`` (``today``, or ``after`` the sites
        that the plan suggests), ``kind``, ``group``, ``first``, ``second``, ``change``.
    units
        Counts of the district: ``kind``, ``what`` (``facilities`` in operation, their
        ``capacity``, ``communities`` counted, how many ``has``, ``reached`` and ``linked``,
        ``new_sites`` suggested), ``first``, ``second``, ``change``.
    communities
        Share of the people of a community who are covered today: ``kind``, ``community``,
        ``name``, ``street``, ``first``, ``second``, ``change``, and ``covered``: people more. Only
        communities that both plans count, and where it differs; the largest gain first.
    facilities
        Facilities that differ: ``kind``, ``facility``, ``name``, ``what`` (``opens`` and ``ends``:
        operates in the second or in the first plan alone; ``moves``; ``capacity``; ``suggested``
        and ``dropped``: a site that only the second or the first plan suggests), ``first`` and
        ``second`` capacity.
    targets
        Targets whose figure or answer differs: ``target``, ``name_zh``, ``name_en``, ``unit``,
        ``first``, ``second``, ``first_status``, ``second_status`` (see
        `planner.district.assessment.status_of`), and ``turn``: ``met``, ``lost``,
        ``decided``, ``undecided``, or ``figure`` where the answer stays.
    settings
        Settings that differ: ``setting``, ``first``, ``second``, as text.
    notes
        What a reader should know: what only one plan has, and what cannot be compared.

    Examples
    --------
    >>> both = planner.compare(plan, planner.run("later.toml"))  # doctest: +SKIP
    >>> both.facilities, both.targets  # doctest: +SKIP
    """

    first: Plan
    second: Plan
    names: Sides | None
    kinds: tuple[str, ...]
    groups: tuple[str, ...]
    shares: pd.DataFrame
    units: pd.DataFrame
    communities: pd.DataFrame
    facilities: pd.DataFrame
    targets: pd.DataFrame
    settings: pd.DataFrame
    notes: tuple[Problem, ...]

    def called(self, lang: Lang) -> Sides:
        """Return what the two are called, in words: by name, else by the settings that differ.

        Parameters
        ----------
        lang
            Language of the words.
        """
        if self.names is not None:
            return self.names
        if self.settings.empty:
            return ("A", "B")
        first, second = (
            called(self.settings, side, plan.settings, lang)
            for side, plan in (("first", self.first), ("second", self.second))
        )
        return (first, second)


def compare(first: Plan, second: Plan, *, names: Sides | None = None) -> Comparison:
    """Compare two plans of one district.

    Parameters
    ----------
    first, second
        The plans.
    names
        What the two are called; their titles where these differ, else the settings that do.

    Returns
    -------
    The figures of both side by side, and what differs.

    Raises
    ------
    InputError
        If the plans are not of one district, or have no kind of facility in common.

    Examples
    --------
    >>> later = planner.run("district.toml", set=["year=2030"])  # doctest: +SKIP
    >>> compare(planner.run("district.toml"), later).shares  # doctest: +SKIP
    """
    kinds = tuple(kind for kind in first.kinds if kind in second.kinds)
    groups = tuple(group for group in first.area.groups if group in second.area.groups)
    problems = Problems()
    titles = (first.settings.title, second.settings.title)
    same = _same_communities(first, second)
    if not same.any():
        problems.add("comparison.other_district", first=titles[0], second=titles[1])
    if not kinds:
        listed = [", ".join(plan.kinds) or "-" for plan in (first, second)]
        problems.add("comparison.no_kind", first=listed[0], second=listed[1])
    problems.raise_any(InputError)
    settings = _settings(first, second)
    return Comparison(
        first=first,
        second=second,
        names=names or (titles if titles[0] != titles[1] else None),
        kinds=kinds,
        groups=groups,
        shares=_shares(first, second, kinds, groups),
        units=_units(first, second, kinds),
        communities=_communities(first, second, kinds, same.index[same]),
        facilities=_facilities(first, second, kinds),
        targets=_targets(first, second),
        settings=settings,
        notes=_notes(first, second, same),
    )


def _same_communities(first: Plan, second: Plan) -> pd.Series:
    """Return which communities both plans have, by id and by where they are.

    Returns
    -------
    On the ids that both have: whether the shapes agree.
    """
    ours, theirs = first.area.communities, second.area.communities
    common = ours.index.intersection(theirs.index)
    ours, theirs = ours.loc[common], theirs.loc[common].to_crs(ours.crs)
    shapes, others = ours.geometry.to_numpy(), theirs.geometry.to_numpy()
    shared = shapely.area(shapely.intersection(shapes, others))
    return pd.Series(shared >= SAME_SHAPE * shapely.area(shapely.union(shapes, others)), common)


def _shares(first: Plan, second: Plan, kinds: Sequence[str], groups: Sequence[str]) -> pd.DataFrame:
    """Set the shares of people covered side by side; those with new sites where there are any."""
    asked = {answer.question.kind for plan in (first, second) for answer in plan.siting}
    sited = [kind for kind in kinds if kind in asked]

    def _share(plan: Plan, state: str, kind: str, group: str) -> float:
        coverage: Coverage = plan.coverage if state == "today" else plan.after
        return coverage.share(kind, minutes=plan.settings.coverage.cutoff_min, group=group)

    rows = [
        (state, kind, group, _share(first, state, kind, group), _share(second, state, kind, group))
        for state, kind in [*(("today", kind) for kind in kinds), *(("after", k) for k in sited)]
        for group in groups
    ]
    return _changed(pd.DataFrame(rows, columns=["state", "kind", "group", "first", "second"]))


def _units(first: Plan, second: Plan, kinds: Sequence[str]) -> pd.DataFrame:
    """Set the counts of both summaries side by side."""
    ours, theirs = first.summary(), second.summary()
    rows = [
        (kind, what, ours.loc[kind, what], theirs.loc[kind, what])
        for kind in kinds
        for what in UNITS
    ]
    table = pd.DataFrame(rows, columns=["kind", "what", "first", "second"])
    known = table["first"].notna() | table["second"].notna()
    return _changed(table[known].astype({"first": float, "second": float}).reset_index(drop=True))


def _changed(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(change=table["second"] - table["first"])


def _communities(first: Plan, second: Plan, kinds: Sequence[str], same: pd.Index) -> pd.DataFrame:
    """Find the communities whose people are covered otherwise."""
    keys = ["kind", "community"]
    sides = [plan.coverage.units[[*keys, "share", "covered"]] for plan in (first, second)]
    both = sides[0].merge(sides[1], on=keys, suffixes=("_first", "_second"))
    both = both[both["kind"].isin(kinds) & both["community"].isin(same)]
    table = _changed(both.rename(columns={"share_first": "first", "share_second": "second"}))
    table["covered"] = table["covered_second"] - table["covered_first"]
    table = table[table["change"].abs() > SAME_FIGURE]
    named = first.area.communities[["name", "street"]]
    table = table.join(named, on="community").sort_values("covered", ascending=False, kind="stable")
    columns = [*keys, "name", "street", "first", "second", "change", "covered"]
    return table[columns].reset_index(drop=True)


def _facilities(first: Plan, second: Plan, kinds: Sequence[str]) -> pd.DataFrame:
    """List what operates in one plan alone, what moves or has another capacity, and the sites."""
    ours, theirs = _operating(first, kinds), _operating(second, kinds)
    theirs = theirs.to_crs(ours.crs)
    opens, ends = theirs.index.difference(ours.index), ours.index.difference(theirs.index)
    common = ours.index.intersection(theirs.index)
    apart_m = ours.geometry[common].distance(theirs.geometry[common])
    sizes = ours["capacity"][common], theirs["capacity"][common]
    other_size = (sizes[0] != sizes[1]) & (sizes[0].notna() | sizes[1].notna())
    moved = apart_m > SAME_PLACE_M
    sites, others = _sites(first, kinds), _sites(second, kinds)
    parts = {
        "opens": theirs.loc[opens],
        "ends": ours.loc[ends],
        "moves": theirs.loc[common[moved]],
        "capacity": theirs.loc[common[other_size & ~moved]],
        "suggested": others.loc[others.index.difference(sites.index)],
        "dropped": sites.loc[sites.index.difference(others.index)],
    }
    order = {kind: place for place, kind in enumerate(kinds)}
    rows = [
        (*label, name, what, ours["capacity"].get(label), theirs["capacity"].get(label))
        for what, part in parts.items()
        for label, name in part["name"].items()
    ]
    columns = ["kind", "facility", "name", "what", "first", "second"]
    table = pd.DataFrame(sorted(rows, key=lambda row: order[str(row[0])]), columns=columns)
    return table.astype({"first": float, "second": float})


def _operating(plan: Plan, kinds: Sequence[str]) -> gpd.GeoDataFrame:
    """Return what operates of some kinds, on kind and id: one id may serve for two kinds."""
    rows = plan.area.operating
    rows = rows.loc[rows["kind"].isin(kinds), ["kind", "name", "capacity", "geometry"]]
    return rows.set_index([rows["kind"], rows.index])


def _sites(plan: Plan, kinds: Sequence[str]) -> pd.DataFrame:
    """Return the sites of the first answer of each kind, on kind and id."""
    firsts = {answer.question.kind: answer for answer in reversed(plan.siting)}
    parts = [
        answer.sites[["name"]].assign(kind=kind) for kind, answer in firsts.items() if kind in kinds
    ]
    empty = pd.DataFrame({"name": [], "kind": []}, dtype=object)
    table = pd.concat([pd.DataFrame(part) for part in parts]) if parts else empty
    return table.set_index([table["kind"], table.index])


def _targets(first: Plan, second: Plan) -> pd.DataFrame:
    """Find the targets of both scorecards whose figure or answer differs."""
    columns = ["target", "name_zh", "name_en", "unit", "first", "second"]
    columns += ["first_status", "second_status", "turn"]
    if first.scorecard.empty or second.scorecard.empty:
        return pd.DataFrame(columns=columns)
    told = ["target", "name_zh", "name_en", "unit"]
    ours, theirs = (
        plan.scorecard[[*told, "value", "pass"]].assign(status=statuses(plan.scorecard))
        for plan in (first, second)
    )
    both = ours.merge(theirs.drop(columns=told[1:]), on="target", suffixes=("", "_second"))
    both = both.rename(
        columns={
            "value": "first",
            "value_second": "second",
            "pass": "first_pass",
            "pass_second": "second_pass",
            "status": "first_status",
            "status_second": "second_status",
        }
    )
    both["turn"] = [
        _turn(*row)
        for row in both[["first", "second", "first_pass", "second_pass"]].itertuples(index=False)
    ]
    return both.loc[both["turn"].notna(), columns].reset_index(drop=True)


def _turn(value: float, other: float, passed: Any, passes: Any) -> str | None:
    """Name what becomes of a target."""
    answers = [None if pd.isna(answer) else bool(answer) for answer in (passed, passes)]
    if answers[0] == answers[1]:
        known = [figure for figure in (value, other) if not pd.isna(figure)]
        same = not known or (len(known) == 2 and abs(known[0] - known[1]) <= SAME_FIGURE)
        return None if same else "figure"
    if None in answers:
        return "decided" if answers[0] is None else "undecided"
    return "met" if answers[1] else "lost"


def _settings(first: Plan, second: Plan) -> pd.DataFrame:
    """List the settings that differ; a file under another path but of one content is the same."""
    ours, theirs = (
        _flat(plan.settings.model_dump(mode="json", exclude=_TELLING)) for plan in (first, second)
    )
    digests = [{entry.file: entry.sha256 for entry in plan.area.inputs} for plan in (first, second)]
    rows = []
    for setting in dict.fromkeys([*ours, *theirs]):
        was, now = ours.get(setting), theirs.get(setting)
        if was == now:
            continue
        found = digests[0].get(str(was)), digests[1].get(str(now))
        if found[0] is not None and found[0] == found[1]:
            continue
        rows.append((setting, _as_text(was), _as_text(now)))
    return pd.DataFrame(rows, columns=["setting", "first", "second"])


def _as_text(value: Any) -> str:
    """Return a plain value as text: nothing as nothing, a list by commas."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Flatten nested settings to dotted names, as ``--set`` writes them."""
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
        parts = {str(number): part for number, part in enumerate(value)}.items()
    else:
        return {name: value}
    return {
        key: told
        for below, part in parts
        for key, told in _flat(part, f"{name}.{below}" if name else below).items()
    }


def _notes(first: Plan, second: Plan, same: pd.Series) -> tuple[Problem, ...]:
    """Return remarks on what only one of the plans has."""
    notes = Problems()
    ours, theirs = first.area.communities.index, second.area.communities.index
    alone = len(ours.difference(theirs)), len(theirs.difference(ours))
    moved = int((~same).sum())
    if any(alone) or moved:
        notes.add("comparison.communities", first=alone[0], second=alone[1], moved=moved)
    for side, plan, other in (("first", first, second), ("second", second, first)):
        own = [kind for kind in plan.kinds if kind not in other.kinds]
        if own:
            named = {lang: [plan.area.kinds[kind].name(lang) for kind in own] for lang in LANGS}
            notes.add(f"comparison.kinds_{side}", names=_listed(named))
        groups = [group for group in plan.area.groups if group not in other.area.groups]
        if groups:
            named = {lang: [group_name(group, lang) for group in groups] for lang in LANGS}
            notes.add(f"comparison.groups_{side}", names=_listed(named))
    people = [float(plan.area.demand["population"].sum()) for plan in (first, second)]
    if abs(people[0] - people[1]) > SAME_FIGURE * max(people):
        notes.add("comparison.people", first=f"{people[0]:,.0f}", second=f"{people[1]:,.0f}")
    limits = [plan.settings.coverage.cutoff_min for plan in (first, second)]
    if limits[0] != limits[1]:
        notes.add("comparison.limits", first=f"{limits[0]:g}", second=f"{limits[1]:g}")
    return tuple(notes.found)


def _listed(named: dict[Lang, list[str]]) -> dict[Lang, str]:
    return {lang: text("problems.comma", lang).join(names) for lang, names in named.items()}
