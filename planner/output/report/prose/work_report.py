"""The text that a bureau pastes into its yearly report and work plan, theme by theme."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from planner.district.assessment import statuses
from planner.language import text
from planner.language.numbers import number
from planner.output.report.content import Block, Heading, Paragraph, Points, clean
from planner.output.report.phrasing import ReportContext, brief, missing, sentence
from planner.output.report.prose import advice, covered, figures_said, sited, supply
from planner.output.report.prose.figures_said import amount, percentage
from planner.standards import theme_of_kind, themes, themes_ordered
from planner.study.siting_study import SitingAnswer

MOST_NAMES = 6
# What these measure rests on attributes, which new sites do not have yet.
OF_ATTRIBUTES = ("facility_share",)


def chapters(voice: ReportContext) -> list[Block]:
    """Build the chapters of the report: the year's work, the plan, what could not be written.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks.
    """
    unsaid = _unsaid(voice)
    blocks: list[Block] = [
        Heading(text=voice.say("bureau.heading.done")),
        Paragraph(text=voice.say("bureau.intro")),
        Heading(text=voice.say("bureau.heading.basis"), level=2),
        *basis(voice),
        *_by_theme(voice, _done(voice)),
        Heading(text=voice.say("bureau.heading.plan")),
        *(_by_theme(voice, _planned(voice)) or [Paragraph(text=voice.say("bureau.plan.nothing"))]),
    ]
    if unsaid:
        blocks += [
            Heading(text=voice.say("bureau.heading.unsaid")),
            Paragraph(text=voice.say("bureau.unsaid.lead")),
            Points(items=tuple(unsaid)),
        ]
    return blocks


class _Themes(dict[str, dict[str, list[str]]]):
    """Sentences by theme and by what they speak of, each in the order of its first sentence."""

    def put(self, theme: str, subject: str, *sentences: str) -> None:
        """Add sentences; empty ones are left out."""
        for told in filter(None, sentences):
            self.setdefault(theme, {}).setdefault(subject, []).append(told)


def _by_theme(voice: ReportContext, said: _Themes) -> list[Block]:
    """Set sentences: a heading for each theme, a paragraph for each thing they speak of."""
    blocks: list[Block] = []
    for theme, subjects in said.items():
        blocks.append(Heading(text=themes()[theme].name(voice.lang), level=2))
        blocks += [Paragraph(text=voice.joined(*told)) for told in subjects.values()]
    return blocks


def _sentence(voice: ReportContext, *parts: str) -> str:
    """Return a sentence of what follows on each other, its stop before a closing bracket's own."""
    return voice.say("bureau.stop", said=sentence("".join(parts)))


def basis(voice: ReportContext) -> list[Block]:
    """Write what is counted and how, and what is left out or estimated.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Paragraphs.
    """
    plan = voice.plan
    chosen, speed = plan.settings.coverage, plan.settings.walk.speed
    year = plan.settings.year
    whom = ""
    if chosen.group != "population":
        total = number(plan.area.demand[chosen.group].sum())
        whom = voice.say("bureau.whom", group=voice.people(chosen.group), n=total)
    counts = voice.say(
        "bureau.basis",
        when=voice.say("report.as_it_stands")
        if year is None
        else voice.say("report.in_year", year=year),
        whole=figures_said.scope(voice),
        communities=number(len(plan.area.counted)),
        people=number(plan.area.counted["population"].sum()),
        whom=whom,
        mps=f"{speed.speed_mps:g}",
        minutes=f"{chosen.cutoff_min:g}",
        metres=number(chosen.cutoff_min * 60 * speed.speed_mps),
    )
    told = plan.caveats(voice.lang)
    return [
        Paragraph(text=counts),
        *(Paragraph(text=voice.say("bureau.note", told=one), style="warning") for one in told),
    ]


def _card(voice: ReportContext, name: str = "scorecard") -> pd.DataFrame:
    """Return the targets that have a figure."""
    card = voice.made.get(name)
    if card is None or card.empty:
        return pd.DataFrame({"target": [], "theme": [], "kind": [], "indicator": [], "value": []})
    return card[card["value"].notna()]


def _done(voice: ReportContext) -> _Themes:
    """Write what stands: each kind of facility, and each target with a figure."""
    card = _card(voice)
    said = _Themes({theme: {} for theme in themes_ordered(card["theme"])})
    for kind in voice.plan.kinds:
        said.put(theme_of_kind(kind), kind, *_kind(voice, kind, card))
    for _, row in card.iterrows():
        told = figures_said.figure(voice, row) + figures_said.asked(voice, row)
        differs = figures_said.differences(voice, row)
        said.put(row["theme"], _subject(row), _sentence(voice, told, differs))
    kinds = [answer.question.kind for answer in voice.plan.service]
    kinds += [answer.question.kind for answer in voice.plan.delivery]
    for kind, line in zip(kinds, supply.in_short(voice), strict=True):
        said.put(theme_of_kind(kind), kind, figures_said.close(voice, line))
    return _Themes({theme: subjects for theme, subjects in said.items() if subjects})


def _subject(row: pd.Series) -> str:
    """Return what a target speaks of: its first kind of facility, else its theme at large."""
    return str(row["kind"]).partition(", ")[0] or str(row["theme"])


def _kind(voice: ReportContext, kind: str, card: pd.DataFrame) -> list[str]:
    """Write what stands of a kind and whom it reaches, as far as no target says the same."""
    table = voice.made["summary"]
    summary = table[table["kind"] == kind].iloc[0]
    name = voice.kind(kind)
    if not summary["facilities"]:
        return [_sentence(voice, voice.say("bureau.kind.none", kind=name))]
    own = card[card["kind"] == kind] if len(card) else card
    told = []
    counts = own[own["indicator"].isin(["facilities", "capacity"])]
    if summary["facilities"] not in set(counts["value"]):
        told.append(_sentence(voice, _stock(voice, kind, summary)))
    people = covered.district(voice, kind)
    reached = own.loc[own["indicator"] == "people_coverage", "value"]
    if not (reached - people["share"]).abs().lt(1e-12).any():
        values = {
            "minutes": f"{voice.plan.settings.coverage.cutoff_min:g}",
            "kind": name,
            "group": voice.people(voice.plan.settings.coverage.group),
            "n": number(people["covered"]),
            "of": number(people["people"]),
            "share": percentage(people["share"]),
        }
        told.append(_sentence(voice, voice.say("bureau.kind.people", **values)))
    if not own["indicator"].eq("unit_coverage").any():
        told.append(_sentence(voice, _units(voice, kind)))
    return told


def _stock(voice: ReportContext, kind: str, summary: pd.Series) -> str:
    """Return how many stand, with what capacity; how many of them lie beyond the boundary."""
    area = voice.plan.area
    own = area.operating[area.operating["kind"] == kind]
    told = voice.say("bureau.kind.stock", kind=voice.kind(kind), n=number(summary["facilities"]))
    beyond = int((~own["community"].isin(area.counted.index)).sum())
    if beyond:
        told += voice.say("bureau.kind.beyond", n=number(beyond))
    if missing(summary["capacity"]) or not summary["capacity"] > 0:
        return told
    unknown = int(own["capacity"].isna().sum())
    capacity = amount(voice, summary["capacity"], area.kinds[kind].unit)
    key = "capacity_known" if unknown else "capacity"
    return told + voice.say(f"bureau.kind.{key}", capacity=capacity, unknown=number(unknown))


def _units(voice: ReportContext, kind: str) -> str:
    shares = voice.plan.coverage.unit_shares
    row = shares[(shares["level"] == "district") & (shares["kind"] == kind)].iloc[0]
    linked = ""
    if not missing(row["linked"]):
        values = {"linked": number(row["linked"]), "share": percentage(row["linked_share"])}
        linked = voice.say("bureau.kind.linked", **values)
    return voice.say(
        "bureau.kind.units",
        kind=voice.kind(kind),
        of=figures_said.of_units(voice, row["communities"]),
        has=number(row["has"]),
        share=percentage(row["has_share"]),
        reached=number(row["reached"]),
        reached_share=percentage(row["reached_share"]),
        linked=linked,
    )


def _planned(voice: ReportContext) -> _Themes:
    """Write what is to be done: what is under way, what is missed, and what is proposed."""
    card = _card(voice)
    said = _Themes({theme: {} for theme in themes_ordered(card["theme"])})
    under_way = _Themes()
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
    later = _Themes()
    for theme, told in _years(voice):
        later.put(theme, "decided", told)
    _put_together(voice, said, later, "decided", **_span(voice))
    return _Themes({theme: subjects for theme, subjects in said.items() if subjects})


def _put_together(
    voice: ReportContext, said: _Themes, parts: _Themes, key: str, **values: object
) -> None:
    """Join the parts of each theme into one sentence."""
    for theme, subjects in parts.items():
        for told in subjects.values():
            listed = voice.say("bureau.then").join(told)
            said.put(
                theme, key, _sentence(voice, voice.say(f"bureau.plan.{key}", told=listed, **values))
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
    return _sentence(voice, told)


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
    told = [_sentence(voice, voice.say("bureau.plan.upgraded", kind=kind, n=n))] if n else []
    if answer.sites.empty:
        return told or [_sentence(voice, advice.line(voice, answer).rstrip("。."))]
    place = next(i for i, one in enumerate(voice.plan.siting, start=1) if one is answer)
    own = voice.made["sites"]
    own = own[own["question"] == place]
    cost = own["cost"].sum(min_count=1) if "cost" in own else None
    told.append(
        _sentence(
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
        told.append(_sentence(voice, voice.say("bureau.plan.phases", years=listed)))
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
    return [*told, _sentence(voice, worth, sure)]


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
    said = _Themes()
    _put_together(voice, said, _effects(voice), "once_built")
    return [told for subjects in said.values() for one in subjects.values() for told in one]


def _effects(voice: ReportContext) -> _Themes:
    found = _Themes()
    for _, row in _changed(voice).iterrows():
        found.put(row["theme"], "once_built", _effect(voice, row))
    return found


def _changed(voice: ReportContext) -> pd.DataFrame:
    """Return the targets whose figure the proposed sites change, as they come to be."""
    later, card = _card(voice, "scorecard_after"), _card(voice)
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


def _unsaid(voice: ReportContext) -> list[str]:
    """List what has no figure, with why: targets, what sites do to others, questions unanswered."""
    card = voice.made.get("scorecard")
    told = []
    if card is not None:
        gone = statuses(card)
        told += [cause(voice, "target", row) for _, row in card[gone == "missing"].iterrows()]
        none = card[gone == "not_applicable"]
        told += [cause(voice, "not_applicable", row) for _, row in none.iterrows()]
    return [*told, *without_effect(voice), *refusals(voice)]


def without_effect(voice: ReportContext) -> list[str]:
    """List the targets of which nobody knows what the suggested sites do to them, with why.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Sentences.
    """
    later, told = voice.made.get("scorecard_after"), []
    if later is None:
        return []
    known = set(_card(voice)["target"])
    answers = [answer for answer in reversed(voice.plan.siting) if not answer.why]
    tiers = {answer.question.kind: answer.question.tier for answer in answers}
    open_ended = {kind for kind, tier in tiers.items() if tier is None}
    for _, row in later[later["target"].isin(known)].iterrows():
        if missing(row["value"]):
            told.append(cause(voice, "no_effect", row))
        elif not missing(row["tier"]) and open_ended & set(str(row["kind"]).split(", ")):
            told.append(cause(voice, "no_effect", row, voice.say("bureau.unsaid.tier")))
    return told


def refusals(voice: ReportContext) -> list[str]:
    """Write which siting questions have no plan, and why.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    A text for each of them.
    """
    return [
        voice.joined(sited.refused(voice, answer), *sited.reasons(voice, answer))
        for answer in voice.plan.siting
        if answer.why
    ]


def cause(voice: ReportContext, key: str, row: pd.Series, why: str | None = None) -> str:
    """Return why a target has no figure, or why nothing is said of what sites do to it.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    key
        ``target``, ``not_applicable`` or ``no_effect``.
    row
        A row of the scorecard.
    why
        The reason; that of the scorecard if not given.

    Returns
    -------
    The words.
    """
    name, note = clean(row[f"name_{voice.lang}"]), why or row[f"note_{voice.lang}"]
    return voice.say(f"bureau.unsaid.{key}", name=name, why="–" if missing(note) else clean(note))
