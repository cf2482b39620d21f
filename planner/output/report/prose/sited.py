"""What the report and the command line say of a siting answer beside its sites."""

from __future__ import annotations

import math

import pandas as pd

from planner.language.numbers import number, percent
from planner.output.report.content import Block, Paragraph, Points
from planner.output.report.phrasing import ReportContext, brief, sentence
from planner.output.report.table_words import model_name
from planner.study.siting_study import SitingAnswer

MOST_NAMES = 12


def whom(voice: ReportContext, answer: SitingAnswer) -> str:
    """Return the people who count, in words.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    answer
        The answer.

    Returns
    -------
    Their groups.
    """
    groups = [*answer.question.groups] or [answer.group]
    return voice.say("report.comma").join(voice.people(group) for group in groups)


def beyond(answer: SitingAnswer) -> float:
    """Count the people whom no site of the question can reach.

    Parameters
    ----------
    answer
        The answer.

    Returns
    -------
    People, each counted by its group's weight.
    """
    return float(answer.people["weight"].reindex(answer.result.unreached).sum())


def refused(voice: ReportContext, answer: SitingAnswer) -> str:
    """Return that a question has no plan, in words.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    answer
        The answer.

    Returns
    -------
    A sentence.
    """
    kind = voice.kind(answer.question.kind)
    model = model_name(answer.question.model, voice.lang)
    return voice.say("siting_study.told.refused", kind=kind, model=model)


def reasons(voice: ReportContext, answer: SitingAnswer) -> list[str]:
    """Return why there is no plan, what would let there be one, and whom no candidate reaches.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    answer
        The answer.

    Returns
    -------
    Sentences.
    """
    told = [sentence(problem.say(voice.lang)) for problem in answer.why]
    if not (people := beyond(answer)):
        return told
    point = answer.people["point"].reindex(answer.result.unreached)
    area = voice.plan.area
    lost = pd.DataFrame(
        {
            "community": area.demand["community"].reindex(point).to_numpy(),
            "people": answer.people["weight"].reindex(answer.result.unreached).to_numpy(),
        }
    )
    worst = lost.groupby("community")["people"].sum().sort_values(ascending=False, kind="stable")
    names = area.communities["name"].reindex(worst.index[worst > 0])
    values = {
        "people": number(people),
        "group": whom(voice, answer),
        "names": voice.names(names.fillna("–"), MOST_NAMES),
    }
    return [*told, voice.say("siting_study.told.nobody_reaches", **values)]


def no_plan(voice: ReportContext, answer: SitingAnswer) -> list[Block]:
    """Build what is said of a question without a plan.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    answer
        The answer.

    Returns
    -------
    Blocks.
    """
    return [
        Paragraph(text=refused(voice, answer), style="warning"),
        Points(items=tuple(reasons(voice, answer))),
    ]


def remarks(voice: ReportContext, answer: SitingAnswer) -> list[str]:
    """Return what thinning and fairness may cost, and which existing sites are extended.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    answer
        The answer.

    Returns
    -------
    Sentences; none where there is nothing to remark.
    """
    told = []
    if (thin := answer.thinned) is not None:
        key = "thinned" if thin.loss > 0 else "thinned_free"
        values = {"found": number(thin.found), "kept": number(thin.kept)}
        loss = {"loss": number(math.ceil(thin.loss)), "share": percent(thin.share)}
        told.append(voice.say(f"siting_study.told.{key}", **values, **loss))
    if not math.isnan(answer.price):
        total = answer.result.total
        values = {
            "price": number(max(answer.price, 0.0)),
            "share": percent(max(answer.price, 0.0) / total if total else 0.0),
            "worst": percent(answer.fairness["fair"].min()),
            "other": percent(answer.fairness["unfair"].min()),
        }
        told.append(voice.say("siting_study.told.price", **values))
    if len(answer.upgraded):
        names = [
            voice.say("siting_study.told.upgrade", name=brief(row["name"]), size=brief(row["size"]))
            for _, row in answer.upgraded.iterrows()
        ]
        listed = voice.names(pd.Series(names), MOST_NAMES)
        told.append(voice.say("siting_study.told.upgraded", names=listed))
    if len(answer.result.sizes) and answer.result.status != "infeasible":
        served = float(answer.result.flows["weight"].sum())
        told.append(voice.say("siting_study.told.served", served=number(served)))
    return told


def alternatives(voice: ReportContext, place: int) -> str | None:
    """Return in a line how many plans come close, and which sites all of them share.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    place
        Number of the siting question, from 1.

    Returns
    -------
    The line; None where no others were asked for.
    """
    table = voice.made.get("alternatives", pd.DataFrame({"question": []}))
    own = table[table["question"] == place]
    if own.empty:
        return None
    shared = own.loc[own["in_all"].astype(bool), "name"].drop_duplicates()
    return voice.say(
        "siting_study.told.alternatives",
        n=own["plan"].nunique() - 1,
        within=percent(voice.plan.siting[place - 1].question.within),
        shared=voice.names(shared, MOST_NAMES)
        if len(shared)
        else voice.say("siting_study.told.none"),
    )
