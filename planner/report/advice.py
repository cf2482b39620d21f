"""What the report says of targets and of new sites."""

from __future__ import annotations

import math

import pandas as pd

from planner.assessment import readable
from planner.assessment import say as readable_figure
from planner.language import has_text, text
from planner.proposals import SitingAnswer
from planner.report.content import Block, Heading, Paragraph, Picture, Points, Table, clean
from planner.report.tables import model_name
from planner.report.voice import Voice, brief, measured, missing, number, percent, sentence

MOST_SITES = 60
MOST_REASONS = 5
MOST_SERVED = 2
MOST_NAMES = 12
_UNSURE = ("contradicts_itself", "differs")
CARD_COLUMNS = ("name", "value", "must", "aim", "pass", "short_by", "source", "grade")


def scorecard(voice: Voice) -> list[Block]:
    """Set the scorecard, if the plan has one; what is unverified is marked and counted."""
    card = voice.made.get("scorecard")
    if card is None or card.empty:
        return []
    shown = card[card[["value", "must", "aim"]].notna().any(axis=1)]
    told = readable(shown, voice.lang)
    heads = [text(f"assessment.columns.{name}", voice.lang) for name in CARD_COLUMNS]
    told = told[heads].map(lambda cell: brief(cell) or "–")
    sources = sorted(set(shown["source"]))
    about = []
    if len(sources) == 1:
        about.append(voice.say("report.scorecard_source", source=clean(sources[0])))
        # One source for all: it is told once, and each row keeps its clause.
        told[heads[CARD_COLUMNS.index("source")]] = [brief(c) or "–" for c in shown["clause"]]
    if len(shown) < len(card):
        about.append(voice.say("report.scorecard_rest", n=len(card) - len(shown)))
    doubt = int((card["grade"] == "unverified").sum())
    warning = [Paragraph(text=voice.say("report.scorecard_doubt", n=doubt), style="warning")]
    return [
        Heading(text=voice.say("report.scorecard")),
        Paragraph(text=" ".join([_card_in_words(voice, card), *about])),
        *(warning if doubt else []),
        Table(
            name="scorecard",
            caption=voice.say("report.scorecard_table"),
            head=tuple(heads),
            rows=tuple(map(tuple, told.to_numpy().tolist())),
            right=tuple(name in {"value", "must", "aim", "short_by"} for name in CARD_COLUMNS),
        ),
    ]


def reported(voice: Voice) -> list[Block]:
    """Set what was reported beside what was computed, what does not agree first."""
    table = voice.made.get("reported")
    if table is None:
        return []
    order = [*_UNSURE, "agrees", "other_year", "nothing_to_compare"]
    counts = {verdict: int(table["verdict"].eq(verdict).sum()) for verdict in order}
    lead = voice.say("report.reported_line", n=len(table), **counts)
    shown = table[table["verdict"].isin([*_UNSURE, "agrees"])]
    shown = shown.sort_values("verdict", key=lambda of: of.map(order.index), kind="stable")
    told = pd.DataFrame(
        {
            "name": shown[f"name_{voice.lang}"],
            "reported": [_reported(voice, row) for _, row in shown.iterrows()],
            "computed": [_computed(voice, row) for _, row in shown.iterrows()],
            "verdict": shown["verdict"],
            "note": [_implied(voice, row) for _, row in shown.iterrows()],
        }
    )
    caption = voice.say("report.reported_table", n=len(shown))
    some = [voice.table("reported", caption, told)] if len(told) else []
    return [Heading(text=voice.say("report.reported")), Paragraph(text=lead), *some]


def _reported(voice: Voice, row: pd.Series) -> str:
    count, of, share = (row[f"reported_{part}"] for part in ("numerator", "denominator", "share"))
    if missing(count):
        return "" if missing(share) else str(share)
    return _of_all(voice, count, of, share)


def _computed(voice: Voice, row: pd.Series) -> str:
    value, count, of = (row[f"computed_{part}"] for part in ("value", "numerator", "denominator"))
    if row["unit"] != "share" or missing(count):
        return readable_figure(value, row["unit"], voice.lang)
    return _of_all(voice, count, of, percent(value))


def _implied(voice: Voice, row: pd.Series) -> str:
    """Say which total a reported number and share imply, where there is one."""
    low, high = row["implied_low"], row["implied_high"]
    if missing(low) or low > high:
        return ""
    told = number(low) if low == high else f"{number(low)}–{number(high)}"
    return voice.say("assessment.verdict.implied", implied=told)


def _of_all(voice: Voice, count: float, of: float, share: str) -> str:
    """Say a count, of how many it is, and which share that makes, as far as known."""
    said = measured(count)
    if not missing(of):
        said = voice.say("report.of_all", n=said, all=measured(of))
    return said if missing(share) else voice.say("report.n_share", n=said, share=share)


def in_short(voice: Voice) -> list[str]:
    """Sum up targets and answers for the summary."""
    card = voice.made.get("scorecard")
    lines = [] if card is None or card.empty else [_card_in_words(voice, card)]
    return lines + [
        voice.say("report.siting_short", line=_in_short(voice, answer))
        for answer in voice.plan.siting
    ]


def siting(voice: Voice) -> list[Block]:
    """Set the answers: what comes of each, how sure that is, and what each site is worth."""
    if not voice.plan.siting:
        return []
    blocks: list[Block] = [Heading(text=voice.say("report.siting"))]
    for place, answer in enumerate(voice.plan.siting, start=1):
        blocks += _answer(voice, place, answer)
    return blocks


def _card_in_words(voice: Voice, card: pd.DataFrame) -> str:
    passed = card["pass"].astype("boolean")
    return voice.say(
        "report.scorecard_line",
        n=len(card),
        good=int(passed.fillna(False).sum()),
        bad=int((~passed).fillna(False).sum()),
        unknown=int((passed.isna() & card["must"].notna()).sum()),
        listed=int((passed.isna() & card["must"].isna()).sum()),
    )


def _in_short(voice: Voice, answer: SitingAnswer) -> str:
    kind = voice.kind(answer.question.kind)
    model = model_name(answer.question.model, voice.lang)
    if answer.sites.empty:
        return voice.say("report.siting_none", kind=kind, model=model)
    return voice.say(
        "report.siting_line",
        kind=kind,
        model=model,
        n=len(answer.sites),
        minutes=f"{answer.minutes:g}",
        group=voice.people(answer.group),
        before=percent(answer.before),
        after=percent(answer.after),
        added=number(answer.sites["added"].sum()),
    )


def _answer(voice: Voice, place: int, answer: SitingAnswer) -> list[Block]:
    kind = voice.kind(answer.question.kind)
    model = model_name(answer.question.model, voice.lang)
    source = "report.from_streets" if answer.proposed else "report.from_given"
    lead = _in_short(voice, answer) + voice.say(source, n=number(answer.candidates))
    cost = answer.sites["cost"].sum(min_count=1) if len(answer.sites) else None
    if not missing(cost):
        lead += voice.say("report.cost", cost=measured(cost))
    blocks: list[Block] = [
        Heading(text=voice.say("report.answer_heading", kind=kind, model=model), level=2),
        Paragraph(text=lead),
        Paragraph(text=_proof(voice, answer)),
    ]
    lost = voice.plan.area.demand[answer.group].reindex(answer.result.unreached).sum()
    if lost > 0:
        key = "report.unreached"
        whom = voice.people(answer.group)
        blocks.append(Paragraph(text=voice.say(key, people=number(lost), group=whom)))
    if answer.result.closed:
        names = pd.Series(answer.result.closed).map(voice.plan.area.facilities["name"])
        closed = voice.names(names.fillna("–"), MOST_SITES)
        blocks.append(Paragraph(text=voice.say("report.closed", names=closed)))
    notes = tuple(sentence(note.say(voice.lang)) for note in answer.result.notes)
    if notes:
        blocks.append(Points(items=notes))
    if len(answer.sites):
        blocks += _sites(voice, place, answer)
    return blocks + _alternatives(voice, place) + _front(voice, place) + _fairness(voice, place)


def _proof(voice: Voice, answer: SitingAnswer) -> str:
    """Say how sure the answer is; a count of people or sites only where the model counted those."""
    result = answer.result
    counts = {"max_cover": result.covered, "set_cover": float(len(result.chosen))}
    counted = counts.get(answer.question.model, math.nan)
    plain = math.isclose(result.objective, counted, rel_tol=1e-9)
    say = number if plain else measured
    values = {
        "objective": say(result.objective),
        "bound": say(result.bound),
        "gap": f"{result.gap:.2%}",
    }
    if result.status != "optimal":
        return voice.say("report.proof.feasible", **values)
    own = f"report.proof.{answer.question.model}"
    return voice.say(own if plain and has_text(own) else "report.proof.optimal", **values)


def _sites(voice: Voice, place: int, answer: SitingAnswer) -> list[Block]:
    sites = voice.made["sites"]
    own = sites[sites["question"] == place].copy()
    own["share_then"] = own["cumulative"] / answer.result.total
    served = _served(voice, answer)
    columns = ["rank", "name", "host", "street", "community_name"]
    columns += ["added", "cumulative", "share_then", "cost"]
    columns += ["year"] if "year" in own else []
    shown = own[columns].head(MOST_SITES)
    keep = [c for c in columns if c in ("rank", "added") or shown[c].notna().any()]
    heads = {"share_then": voice.say("report.share_then")}
    kind = voice.kind(answer.question.kind)
    caption = voice.say("report.sites_table", kind=kind, n=len(shown), all=len(own))
    reasons = tuple(
        _reason(voice, row, served.get(row["site"], ""))
        for _, row in own.head(MOST_REASONS).iterrows()
    )
    blocks: list[Block] = [
        Paragraph(text=voice.say("report.reasons", n=len(reasons))),
        Points(items=reasons),
    ]
    if (half := _enough(own["added"])) and half < len(own) // 2:
        blocks.append(Paragraph(text=voice.say("report.first_few", n=half, all=len(own))))
    values = {"kind": kind, "minutes": f"{answer.minutes:g}", "n": len(own)}
    return [
        *blocks,
        Picture(
            name=f"sites_{place}",
            caption=voice.say("report.map_sites", **values),
            described=voice.say("report.map_sites_described", **values),
            kind=answer.question.kind,
            question=place,
        ),
        voice.table("sites", caption, shown[keep], heads=heads, units={"share_then": "share"}),
    ]


def _reason(voice: Voice, row: pd.Series, served: str) -> str:
    where = [row[column] for column in ("street", "community_name") if not missing(row[column])]
    host = [] if missing(row["host"]) else [row["host"]]
    about = voice.say("report.then").join(brief(part) for part in [*where, *host])
    cost = (
        "" if missing(row["cost"]) else voice.say("report.reason_cost", cost=measured(row["cost"]))
    )
    return voice.say(
        "report.reason",
        rank=number(row["rank"]),
        name=brief(row["site"] if missing(row["name"]) else row["name"]),
        about=voice.say("report.reason_where", about=about) if about else "",
        added=number(row["added"]),
        share=percent(row["share_then"]),
        served=voice.say("report.reason_served", names=served) if served else "",
        cost=cost,
    )


def _served(voice: Voice, answer: SitingAnswer) -> dict[object, str]:
    """Name the communities where most of those live whom each new site reaches first."""
    plan = voice.plan
    nearest = plan.coverage.nearest
    before = nearest[
        (nearest["kind"] == answer.question.kind) & (nearest["minutes"] <= answer.minutes)
    ]
    assigned = answer.result.assignment
    new = assigned[assigned.isin(answer.sites.index) & ~assigned.index.isin(before["demand"])]
    people = pd.DataFrame(
        {
            "site": new,
            "community": plan.area.demand["community"].reindex(new.index),
            "people": plan.area.demand[answer.group].reindex(new.index),
        }
    )
    sums = people.groupby(["site", "community"], as_index=False)["people"].sum()
    sums = sums[sums["people"] > 0].sort_values(["people", "community"], ascending=[False, True])
    names = plan.area.communities["name"]
    found: dict[object, str] = {}
    for site, rows in sums.groupby("site", sort=False):
        told = [
            voice.say("report.served", name=brief(names[label]), n=number(n))
            for label, n in zip(rows["community"], rows["people"], strict=True)
        ]
        found[site] = voice.say("report.comma").join(told[:MOST_SERVED])
    return found


def _enough(added: pd.Series) -> int | None:
    """Count the first sites that bring half of what all bring."""
    total = float(added.sum())
    if total <= 0 or math.isnan(total):
        return None
    return int((added.cumsum() < total / 2).sum()) + 1


def _own(voice: Voice, name: str, place: int) -> pd.DataFrame:
    """Take the rows of a table that belong to a siting question."""
    table = voice.made.get(name, pd.DataFrame({"question": []}))
    return table[table["question"] == place].drop(columns="question")


def _alternatives(voice: Voice, place: int) -> list[Block]:
    """Set other plans near the best, each in a row with the sites that not all plans share."""
    own = _own(voice, "alternatives", place)
    if own.empty:
        return []
    own["name"] = own["name"].fillna(own["site"].astype(str))
    rows = [
        {
            "plan": number_of_plan,
            "differs": voice.names(sites.loc[~sites["in_all"].astype(bool), "name"], MOST_NAMES),
            "sites": len(sites),
            "objective": sites["objective"].iloc[0],
            "share": sites["share"].iloc[0],
        }
        for number_of_plan, sites in own.groupby("plan")
    ]
    heads = {
        "differs": voice.say("report.differs"),
        "sites": voice.say("report.number_of_sites"),
    }
    caption = voice.say("report.alternatives_table")
    return [
        Paragraph(text=voice.say("report.alternatives")),
        voice.table(
            "alternatives", caption, pd.DataFrame(rows), heads=heads, units={"sites": "count"}
        ),
    ]


def _front(voice: Voice, place: int) -> list[Block]:
    """Set people covered against the number or the cost of sites."""
    own = _own(voice, "front", place)
    if own.empty:
        return []
    by_cost = voice.plan.siting[place - 1].question.budget is not None
    heads = {} if by_cost else {"cost": voice.say("report.number_of_sites")}
    return [voice.table("front", voice.say("report.front_table"), own, heads=heads)]


def _fairness(voice: Voice, place: int) -> list[Block]:
    """Set the share covered in each unit, by the fair plan and by the one that covers most."""
    own = _own(voice, "fairness", place)
    return [voice.table("fairness", voice.say("report.fairness_table"), own)] if len(own) else []
