"""Draft a scenario: look at a folder, decide what each file is, and check what comes of it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from planner.district.matching import is_traditional
from planner.district.once import Once
from planner.district.reading.load import load_area
from planner.draft.folder import FolderContents, look
from planner.draft.joining import choose_one, count_by_raster, give_places, join_figures, lay_ages
from planner.draft.placing import place_all
from planner.draft.questions import Ask, Question, nobody
from planner.draft.roles import DraftedTable, Role, guess
from planner.draft.writing import comment, entry, marked, said, value
from planner.errors import InputError, PlannerError, Problem, fail
from planner.language import Lang, text
from planner.settings.resolve import resolve
from planner.standards import kinds

ROUNDS = 3  # of checking a draft and taking up what the check says
MOST_TEXTS = 60  # cells of a column whose script is looked at
# What the check of a draft finds, and the setting that takes it up: key, value, why.
TAKEN_UP = {
    "io.missing_coordinates": ("missing_coordinates", "community", "draft.why.by_community"),
    "io.not_a_coordinate": ("missing_coordinates", "skip", "draft.why.without_coordinates"),
    "area.off_streets": ("outside", "skip", "draft.why.off_streets"),
    "area.on_island": ("outside", "skip", "draft.why.off_streets"),
}
UNNAMED = {
    "io.no_community_named", "io.several_communities", "io.unknown_community_named",
    "io.no_communities_to_name",
}  # fmt: skip
GROUPS = ("aged_60", "aged_65", "population")  # who counts, the first that the data know
COUNTED = ("communities", "demand", "ages")  # what counts people
ORDER: tuple[Role, ...] = (
    "communities", "demand", "streets", "backdrop", "facilities", "candidates", "links", "unused",
)  # fmt: skip
LISTS = ("facilities", "candidates", "links")


@dataclass(kw_only=True)
class Draft:
    """A first scenario.

    Parameters
    ----------
    text
        The scenario, as TOML with comments.
    parts
        What each table is taken for.
    left
        What is left to fill in, in words.
    problems
        What the check of the scenario still finds.
    unread
        Files that cannot be read, and why.
    """

    text: str
    parts: list[DraftedTable]
    left: list[str]
    problems: list[Problem] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)


def draft(folder: Path, lang: Lang, ask: Ask = nobody) -> Draft:
    """Draft a scenario from the files of a folder.

    Nothing is written, and nothing is asked of the web.

    Parameters
    ----------
    folder
        The folder.
    lang
        Language of the comments.
    ask
        Asks somebody where the files cannot tell; by default what is likeliest is taken.

    Returns
    -------
    The draft.

    Raises
    ------
    InputError
        If the folder does not exist, or holds no table at all.
    """
    if not folder.is_dir():
        raise fail(InputError, "draft.no_folder", file=str(folder))
    once = Once()
    contents = look(folder, once)
    if not contents.tables:
        others = ", ".join(contents.others[:8]) or "–"
        raise fail(InputError, "draft.no_tables", file=str(folder), value=others)
    parts = [DraftedTable(table=table, guess=guess(table)) for table in contents.tables]
    join_figures(parts)
    give_places(parts)
    count_by_raster(parts)
    choose_one(parts, "communities", ask)
    choose_one(parts, "streets", ask)
    choose_one(parts, "demand", ask)
    lay_ages(parts, ask)
    place_all(parts, ask, folder)
    for part in parts:
        _ask_kind(part, ask)
        if part.table.encoding not in (None, "utf-8"):
            part.guess.keys["encoding"] = part.table.encoding
            part.guess.why.append(("draft.why.encoding", {"value": part.table.encoding}))
    left = _missing(parts)
    made = Draft(text="", parts=parts, left=[], unread=contents.faults)
    for _ in range(ROUNDS):
        made.text = _written(folder, parts, left, contents, lang)
        made.problems = _faults(made.text, folder, once) if not left else []
        if not _taken_up(parts, made.problems):
            break
    else:
        made.text = _written(folder, parts, left, contents, lang)
        made.problems = _faults(made.text, folder, once)
    marked = [line for part in parts for line in _named(part, part.guess.left, lang)]
    made.left = [*said(left, lang), *marked]
    return made


def _ask_kind(part: DraftedTable, ask: Ask) -> None:
    """Ask for the kind of a list of facilities that does not tell it."""
    unknown = [one for one in part.guess.left if one[0] == "draft.left.kind"]
    if not unknown:
        return
    question = Question(
        key="draft.ask.kind",
        values={"name": part.table.name},
        answers={kind.id: kind.zh for kind in kinds().values()},
    )
    answer = ask(question)
    if answer is not None:
        part.guess.left.remove(unknown[0])
        part.guess.keys["kind"] = answer
        part.guess.why.append(("draft.why.answered", {"value": answer}))


def _missing(parts: Sequence[DraftedTable]) -> list[tuple[str, dict[str, object]]]:
    """List what a scenario cannot be without and the folder does not hold."""
    there = {part.guess.role for part in parts if not part.guess.left}
    files = [part.table.name for part in parts if part.guess.role == "unused"]
    values: dict[str, object] = {"files": ", ".join(files) or "–"}
    found = []
    if "communities" not in there:
        found.append(("draft.left.communities", values))
    drawn = any(part.guess.role == "streets" for part in parts)
    if "streets" not in there and (drawn or "communities" not in there):
        found.append(("draft.left.streets", {}))
    if "facilities" not in there:
        found.append(("draft.left.facilities", values))
    return found


def _faults(words: str, folder: Path, once: Once) -> list[Problem]:
    """Read everything that a draft names; return what is wrong with it."""
    try:
        load_area(resolve(tomllib.loads(words)), folder, once=once)
    except PlannerError as error:
        return list(error.problems)
    return []


def _taken_up(parts: Sequence[DraftedTable], problems: Sequence[Problem]) -> bool:
    """Settle what becomes of rows without a place or far from streets; return whether any were."""
    changed = False
    for part in parts:
        own = [one for one in problems if one.file == part.table.label]
        keys, frame = part.guess.keys, part.table.frame
        for key in dict.fromkeys(TAKEN_UP[one.key] for one in own if one.key in TAKEN_UP):
            setting, meant, why = key
            n = len({one.row for one in own if TAKEN_UP.get(one.key) == key})
            if setting in keys or part.guess.left:
                continue
            changed = True
            if setting == "outside" and n >= len(frame):
                part.guess.left.append(("draft.left.elsewhere", {}))
                continue
            keys[setting] = meant
            part.guess.why.append((why, {"n": n}))
        # Where some rows have coordinates, those that name no community are left out as before.
        if any(one.key in UNNAMED for one in own) and part.table.shape != "none":
            changed = True
            keys["missing_coordinates"] = "skip"
            told = [one for one in part.guess.why if one[0] != "draft.why.by_community"]
            n = part.table.without
            part.guess.why[:] = [*told, ("draft.why.without_coordinates", {"n": n})]
    return changed


def _named(
    part: DraftedTable, left: Sequence[tuple[str, dict[str, object]]], lang: Lang
) -> list[str]:
    return [f"{part.table.name}: {words}" for words in said(left, lang)]


def _written(
    folder: Path,
    parts: Sequence[DraftedTable],
    left: Sequence[tuple[str, dict[str, object]]],
    contents: FolderContents,
    lang: Lang,
) -> str:
    lines = [*comment(text("draft.head", lang)), *map(marked, said(left, lang))]
    body = [
        "\n".join(lines),
        "",
        f"title = {value(_title(folder, parts))}",
        f'lang = "{_spoken(parts, lang)}"',
    ]
    chosen = _group(parts)
    for role in ORDER:
        if role == "streets" and not any(part.guess.role == role for part in parts):
            body += ["", marked(text("draft.no_streets", lang)), "[streets]", "straight = true"]
        for part in parts:
            if part.guess.role != role:
                continue
            name, keys = part.table.name, {"file": part.table.file}
            if role == "unused":
                told = "; ".join(said(part.guess.why, lang))
                body += comment(f"{text('draft.unused', lang, name=name)} {told}")
                continue
            if part.table.layer is not None:
                keys["layer"] = part.table.layer
            heading = f"[[{role}]]" if role in LISTS else f"[{role}]"
            why = [f"{name}", *said(part.guess.why, lang)]
            body.append(entry(heading, keys | part.guess.keys, why, said(part.guess.left, lang)))
    unread = text("draft.unread", lang)
    for fault in contents.faults:
        body += comment(f"{unread} {fault.say(lang)}")
    body.append(entry("[coverage]", {"group": chosen}, [text("draft.coverage", lang)], []))
    body.append("")
    body += comment(text("draft.next", lang, kind=_kind(parts)))
    return "\n".join(body) + "\n"


def _title(folder: Path, parts: Sequence[DraftedTable]) -> str:
    """Name the scenario by the district that was told from others, else by the folder."""
    wanted = [one for part in parts for one in part.guess.keys.get("where", {}).values()]
    return str(wanted[0]) if wanted else folder.resolve().name


def _spoken(parts: Sequence[DraftedTable], lang: Lang) -> str:
    """Return the language, in traditional characters where the data are written so."""
    if lang != "zh":
        return lang
    texts = [
        cell
        for part in parts
        if part.guess.role in ("communities", "facilities")
        for column in part.table.frame.columns.drop("geometry", errors="ignore")
        for cell in part.table.frame[column].head(MOST_TEXTS)
        if isinstance(cell, str)
    ]
    return "zh-Hant" if is_traditional(texts) else "zh"


def _group(parts: Sequence[DraftedTable]) -> str:
    """Choose who counts: the elderly, where the data count them."""
    known = {"population"}
    for part in parts:
        if part.guess.role in COUNTED:
            known |= set(part.guess.keys.get("groups", {})) | set(part.guess.fields)
    return next(name for name in GROUPS if name in known)


def _kind(parts: Sequence[DraftedTable]) -> str:
    named = [part.guess.keys.get("kind") for part in parts if part.guess.role == "facilities"]
    return next((str(kind) for kind in named if kind), "care_station")
