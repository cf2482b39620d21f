"""The table of docs/targets.md: each row of the five documents, its target, and what it comes to.

python tests/support/target_table.py    # runs the five districts and writes it
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import planner
from planner.language import numbers
from planner.standards import read_profile

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "targets.md"
PINNED = tomllib.loads((ROOT / "tests" / "data" / "five_documents.toml").read_text("utf-8"))
DISTRICTS: dict[str, str] = {name: one["district"] for name, one in PINNED.items()}
HEAD = ("Row", "Class", "Profile", "Target", "Indicator", "What it measures", "District", "Figure")
CHANGED = {"siting": [], "years": []}


def classes() -> dict[str, str]:
    """Return the class of each row, as the page has it."""
    found = re.findall(r"^\| (\d-\d+) \| ([A-Z/]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return dict(found)


def table(cards: Mapping[str, pd.DataFrame]) -> str:
    """Write the table from the scorecards of the five profiles, each on its targets' ids."""
    lines = [_line(HEAD), _line("---" for _ in HEAD)]
    rows = {key: list(_rows(key, kind, cards)) for key, kind in classes().items()}
    return "".join([*lines, *(line for own in rows.values() for line in own)])


def _rows(row: str, kind: str, cards: Mapping[str, pd.DataFrame]) -> Iterable[str]:
    for name, card in cards.items():
        profile = read_profile(name)
        if row in profile.registered:
            one = profile.registered[row]
            yield _line((row, kind, name, "register", "—", f"{one.en}: {one.why_en}", "—", "—"))
        for key, target in profile.targets.items():
            if target.profile != name:
                continue
            if row == key or row in target.rows or key.startswith(f"{row}-"):
                figure = _figure(card.loc[key])
                says = (row, kind, name, key, target.indicator, target.en, DISTRICTS[name], figure)
                yield _line(says)


def _figure(row: Mapping[str, Any]) -> str:
    """Write a figure with what it was made of."""
    share = row["unit"] == "share"
    value = numbers.percent(row["value"]) if share else numbers.measured(row["value"])
    if pd.isna(row["denominator"]):
        return value
    parts = f"{numbers.number(row['numerator'])} of {numbers.number(row['denominator'])}"
    return f"{value} ({parts})"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    """Run the five districts and write the table."""
    cards = {}
    for name, district in DISTRICTS.items():
        plan = planner.run(planner.demo(district), set=[f"{key}=[]" for key in CHANGED])
        own = plan.scorecard["profile"] == name
        cards[name] = plan.scorecard[own].set_index("id")
    text = PAGE.read_text("utf-8")
    before = text[: text.index("| Row |")]
    PAGE.write_text(before + table(cards), encoding="utf-8")


if __name__ == "__main__":
    main()
