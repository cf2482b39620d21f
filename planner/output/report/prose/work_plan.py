"""What the text for bureaus says of the plan: what is under way, missed and proposed."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from planner.language import text
from planner.language.numbers import number
from planner.output.report.content import clean
from planner.output.report.phrasing import ReportContext, brief, missing
from planner.output.report.prose import advice, covered, figures_said, sited
from planner.output.report.prose.by_theme import (
    ThemeSentences,
    targets_with_figures,
    whole_sentence,
)
from planner.output.report.prose.figures_said import amount, percentage
from planner.standards import theme_of_kind, themes_ordered
from planner.study.siting_study import SitingAnswer

MOST_NAMES = 6
# What these measure rests on attributes, which new sites do not have yet.
OF_ATTRIBUTES = ("facility_share",)


def planned(voice: ReportContext) -> ThemeSentences:
    """Write what is to be done: what is under way, what is missed, and what is proposed.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Sentences by theme.
    """
    card = targets_with_figures(voice)
    said = ThemeSentences({theme: {} for theme in themes_ordered(card["theme"])})
    under_way = ThemeSentences()
    for kind, rows in waiting(voice):
        under_way.put(theme_of_kind(kind), "projects", _projects(voice, kind, rows))
    _put_together(voice, said, under_way, "under_way")
    for _, row in card.iterrows():
        said.put(row["theme"], "missed", _missed(voice, row))
    first: set[str] = set()
    for answer in voice.plan.siting:
        kind, theme = answer.question.kind, theme_of_kind(answer.question.kind)
        if answer.why:
            continue
        if kind in first:
            line = figures_said.close(voice, advice.line(voice, answer))
            said.put(theme, "other", voice.say("bureau.plan.other", line=line))
        else:
            said.put(theme, kind, *proposed(voice, answer))
        first.add(kind)
    _put_together(voice, said, _effects(voice), "once_built")
    later = ThemeSentences()
    for theme, told in _years(voice):
        later.put(theme, "decided", told)
    _put_together(voice, said, later, "decided", **_span(voice))
    return ThemeSentences({theme: subjects for theme, subjects in said.items() if subjects})


def _put_together(
    voice: ReportContext, said: ThemeSentences, parts: ThemeSentences, key: str, **values: object
) -> None:
    """Join the parts of each theme into one sentence."""
    for theme, subjects in parts.items():
        for told in subjects.values():
            listed = voice.say("bureau.then").join(told)
            said.put(
                theme,
                key,
                whole_sentence(voice, voice.say(f"bureau.plan.{key}", told=listed, **values)),
            )


def waiting(voice: ReportContext) -> Iterable[tuple[str, pd.DataFrame]]:
    """Yield the facilities that are under construction or proposed, kind by kind.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Yields
    ------
    A kind, and its facilities.
    """
    known = voice.plan.area.facilities
    planned = known["status"].isin(["under_construction", "proposed"]) & ~known["operating"]
    for kind, rows in known[planned].groupby("kind", sort=False):
        yield str(kind), rows


def _projects(voice: ReportContext, kind: str, rows: pd.DataFrame) -> str:
    opened = rows["opened"].astype("Int64")
    counts = opened.value_counts(dropna=True).sort_index()
    open_ended = int(opened.isna().sum())
    if len(counts) + bool(open_ended) == 1:
        parts = [voice.say("bureau.plan.all_in_year", year=year) for year in counts.index]
        parts = parts or [voice.say("bureau.plan.all_no_year")]
    else:
        parts = [
            voice.say("bureau.plan.in_year", year=year, n=number(n)) for year, n in counts.items()
        ]
        if open_ended:
            parts.append(voice.say("bureau.plan.no_year", n=number(open_ended)))
    unknown = int(rows["capacity"].isna().sum())
    total = rows["capacity"].sum(min_count=1)
    adds = ""
    if not missing(total):
        capacity = amount(voice, float(total), voice.plan.area.kinds[kind].unit)
        key = "adds_known" if unknown else "adds"
        adds = voice.say(f"bureau.plan.{key}", capacity=capacity, unknown=number(unknown))
    return voice.say(
        "bureau.plan.projects",
        kind=voice.kind(kind),
        n=number(len(rows)),
        years=voice.say("report.comma").join(parts),
        capacity=adds,
    )


def _missed(voice: ReportContext, row: pd.Series) -> str:
    """Return what a target still lacks; an empty text where it is met or nothing is required."""
    later = not missing(row["due"])
    if not row["short_by"] > 0 or (missing(row["pass"]) and not later):
        return ""
    told = voice.say(
        "bureau.plan.due" if later else "bureau.plan.missed",
        name=clean(row[f"name_{voice.lang}"]),
        value=figures_said.quantity(voice, row, "value"),
        must=figures_said.quantity(voice, row, "must"),
        year=row["due"],
        short=figures_said.lack(voice, row, "short_by"),
    )
    return whole_sentence(voice, told)


def proposed(voice: ReportContext, answer: SitingAnswer) -> list[str]:
    """Write where new sites should stand, what they bring, and how sure that is.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    answer
        An answer that has a plan.

    Returns
    -------
    Sentences.
    """
    kind, n = voice.kind(answer.question.kind), len(answer.upgraded)
    told = [whole_sentence(voice, voice.say("bureau.plan.upgraded", kind=kind, n=n))] if n else []
    if answer.sites.empty:
        return told or [whole_sentence(voice, advice.line(voice, answer).rstrip("。."))]
    place = next(i for i, one in enumerate(voice.plan.siting, start=1) if one is answer)
    own = voice.made["sites"]
    own = own[own["question"] == place]
    cost = own["cost"].sum(min_count=1) if "cost" in own else None
    told.append(
        whole_sentence(
            voice,
            voice.say(
                "bureau.plan.sites",
                kind=kind,
                n=len(own),
                tiers=_of_tiers(voice, own),
                places=_places(voice, own),
                cost=_money(voice, cost),
            ),
        )
    )
    if "year" in own and own["year"].notna().any():
        years = own["year"].value_counts().sort_index()
        parts = [
            voice.say("bureau.plan.in_year", year=f"{year:g}", n=number(n))
            for year, n in years.items()
        ]
        listed = voice.say("report.comma").join(parts)
        told.append(whole_sentence(voice, voice.say("bureau.plan.phases", years=listed)))
    worth = voice.say(
        "bureau.plan.worth",
        minutes=f"{answer.minutes:g}",
        group=sited.whom(voice, answer),
        before=percentage(answer.before),
        after=percentage(answer.after),
        added=number(answer.sites["added"].sum()),
    )
    sure = voice.say(
        "bureau.plan.sure",
        n=number(answer.candidates),
        proposed=voice.say("bureau.plan.proposed") if answer.proposed else "",
        proof=text(f"words.{answer.result.status}", voice.lang),
    )
    return [*told, whole_sentence(voice, worth, sure)]


def _of_tiers(voice: ReportContext, own: pd.DataFrame) -> str:
    """Return how many of the new sites are of each tier, where the question says so."""
    if "tier" not in own or own["tier"].isna().all():
        return ""
    counts = own["tier"].value_counts(sort=False)
    parts = [voice.say("bureau.plan.tier", tier=clean(tier), n=n) for tier, n in counts.items()]
    return voice.say("bureau.bracket", told=voice.say("problems.comma").join(parts))


def _money(voice: ReportContext, cost: object) -> str:
    """Return what sites cost, where that is known; set close in Chinese as these sentences are."""
    if missing(cost):
        return ""
    told = figures_said.close(voice, voice.money(cost))
    return voice.say("bureau.plan.cost", cost=told)


def _places(voice: ReportContext, own: pd.DataFrame) -> str:
    """List the sites street by street, those streets first that get the best ones."""
    words = own[["community_name", "name", "street"]].astype(object)
    names = words["community_name"].fillna(words["name"]).fillna(own["site"].astype(str))
    streets = words["street"].fillna("")
    if not streets.ne("").any():
        return voice.names(names.drop_duplicates(), MOST_NAMES)
    parts = []
    for street, rows in names.groupby(streets, sort=False):
        listed = voice.names(rows.drop_duplicates(), MOST_NAMES)
        values = {"street": brief(street or None), "n": number(len(rows)), "names": listed}
        parts.append(voice.say("bureau.plan.place", **values))
    return voice.say("report.comma").join(parts)


def effects(voice: ReportContext) -> list[str]:
    """Write what targets come to once all suggested sites stand.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    A sentence for each theme.
    """
    said = ThemeSentences()
    _put_together(voice, said, _effects(voice), "once_built")
    return [told for subjects in said.values() for one in subjects.values() for told in one]


def _effects(voice: ReportContext) -> ThemeSentences:
    found = ThemeSentences()
    for _, row in _changed(voice).iterrows():
        found.put(row["theme"], "once_built", _effect(voice, row))
    return found


def _changed(voice: ReportContext) -> pd.DataFrame:
    """Return the targets whose figure the proposed sites change, as they come to be."""
    later, card = targets_with_figures(voice, "scorecard_after"), targets_with_figures(voice)
    if later.empty:
        return later
    before = card.set_index("target")["value"].reindex(later["target"]).to_numpy()
    changed = later.assign(before=before)
    return changed[changed["before"].notna() & (changed["before"] != changed["value"])]


def _effect(voice: ReportContext, row: pd.Series) -> str:
    """Return what a target comes to once the sites stand; nothing where what asks is not known."""
    if row["indicator"] in OF_ATTRIBUTES or row["unit"] == "index":
        return ""
    after = figures_said.quantity(voice, row, "value")
    before = figures_said.quantity(voice, row.drop("value").rename({"before": "value"}), "value")
    if after == before:
        return ""
    told = voice.say(
        "bureau.plan.effect",
        name=clean(row[f"name_{voice.lang}"]),
        before=before,
        after=after,
        asked=figures_said.asked(voice, row),
    )
    area = str(row["unit"]).startswith("m2")
    return told + (voice.say("bureau.plan.by_host_area") if area else "")


def _span(voice: ReportContext) -> dict[str, object]:
    """Return what the sentence on the years to come speaks of."""
    chosen, table = voice.plan.settings.coverage, voice.made.get("years")
    return {
        "minutes": f"{chosen.cutoff_min:g}",
        "group": voice.people(chosen.group),
        "first": voice.plan.settings.year,
        "last": None if table is None else int(table["year"].max()),
    }


def _years(voice: ReportContext) -> Iterable[tuple[str, str]]:
    """Yield what is decided already comes to in the last year, for each kind: theme, words."""
    table, year = voice.made.get("years"), voice.plan.settings.year
    if table is None or year is None or int(table["year"].max()) <= year:
        return
    last = table[table["year"] == table["year"].max()].set_index("kind")
    for kind in voice.plan.kinds:
        values = {
            "before": percentage(_share(voice, kind)),
            "after": percentage(float(last.loc[kind, voice.plan.settings.coverage.group])),
        }
        if values["before"] != values["after"]:
            told = voice.say("bureau.plan.years", kind=voice.kind(kind), **values)
            yield theme_of_kind(kind), told


def _share(voice: ReportContext, kind: str) -> float:
    return float(covered.district(voice, kind)["share"])
