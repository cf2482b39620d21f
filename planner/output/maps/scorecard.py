"""The scorecard for the panel of the map: each target in words, as the report has it."""

from __future__ import annotations

from planner.district.assessment import scorecard_in_words, statuses
from planner.language import Lang
from planner.output.maps.payload.targets import ScorecardText
from planner.standards import profile_names, read_profile
from planner.study.plan import Plan


def scorecard(plan: Plan, lang: Lang) -> ScorecardText | None:
    """Return the scorecard.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of the words.

    Returns
    -------
    ``profiles``: the titles of the documents, in order; ``rows``: for each target its key, its
    words, the document it stands in, the verdict and the grade. Nothing where no targets were
    asked for.
    """
    card = plan.scorecard
    if card.empty:
        return None
    words = scorecard_in_words(card, lang)
    profiles = list(dict.fromkeys(card["profile"]))
    return {
        "profiles": [_title(str(profile), lang) for profile in profiles],
        "rows": [
            {
                "key": row["target"],
                "id": said["id"],
                "name": said["name"],
                "value": said["value"],
                "must": said["must"],
                "aim": said["aim"],
                "short_by": said["short_by"],
                "note": said["note"],
                "source": said["source"],
                "profile": profiles.index(row["profile"]),
                "verdict": status,
                "grade": row["grade"],
            }
            for (_, row), (_, said), status in zip(
                card.iterrows(), words.iterrows(), statuses(card), strict=True
            )
        ],
    }


def _title(profile: str, lang: Lang) -> str:
    """Name a document; a file of the user's own goes by its name."""
    return read_profile(profile).name(lang) if profile in profile_names() else profile
