"""One small family of errors: each carries every problem found, in both languages.

A module collects `Problem` records, and raises once with all of them::

    problems = Problems()
    problems.add("duplicate_id", file="stations.csv", row=7, value="A01")
    problems.raise_any(InputError)

What a problem says and what mends it stand in ``planner/language/problems.toml``.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from planner.language import LANGS, Lang, default_lang, has_text, text

Made = TypeVar("Made")

MOST_OF_A_KIND = 20
MOST_NEAR = 3  # names suggested in place of one that does not exist
NEAR = 0.5  # least likeness of a name that is suggested
AS_NEAR = 0.1  # by how much less than the nearest others may be alike
MOST_KNOWN = 30  # names listed where none is near


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with what the user gave.

    Parameters
    ----------
    key
        Name of the problem in the catalogue of texts: ``"network.no_lengths"`` stands in
        ``network.toml``, a name without a dot in ``problems.toml``.
    file
        File, table or setting it was found in.
    row
        Row of the file as a person counts it: data rows start at 1, or at 2 in a sheet with a
        header line.
    value
        The offending value.
    params
        Further values that the text names; one that differs by language is a mapping from each.
    """

    key: str
    file: str | None = None
    row: int | str | None = None
    value: Any = None
    params: dict[str, Any] = field(default_factory=dict)

    def say(self, lang: Lang) -> str:
        """Return the problem in words: where, what, and the remedy.

        Parameters
        ----------
        lang
            Language of the text.

        Returns
        -------
        One line.
        """
        values = {"value": self.value, "file": self.file, "row": self.row} | {
            name: value[lang] if isinstance(value, dict) else value
            for name, value in self.params.items()
        }
        where = [_printable(str(self.file))] if self.file else []
        if self.row is not None:
            where.append(text("problems.at_row", lang, row=self.row))
        key = self.key if "." in self.key else f"problems.{self.key}"
        what = text(f"{key}.what", lang, **values)
        fix_key = f"{key}.fix"
        fix = text(fix_key, lang, **values) if has_text(fix_key) else ""
        head = text("problems.where", lang, where=text("problems.comma", lang).join(where))
        return f"{head if where else ''}{what}{' ' if fix and lang == 'en' else ''}{fix}"


class PlannerError(Exception):
    """Base of every error that a user can mend.

    Parameters
    ----------
    problems
        All that was found, in the order found.

    Examples
    --------
    >>> try:
    ...     raise fail(InputError, "no_scenario", file="a.toml")
    ... except PlannerError as error:
    ...     print(error.say("en")[0])
    a.toml: there is no such scenario file. Check the path, or try `planner demo`.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems

    def say(self, lang: Lang) -> list[str]:
        """Return every problem in words.

        Parameters
        ----------
        lang
            Language of the texts.

        Returns
        -------
        One line for each.
        """
        return [problem.say(lang) for problem in self.problems]

    def __str__(self) -> str:
        return "\n".join(grouped(self.problems, default_lang()))


def grouped(problems: Sequence[Problem], lang: Lang, most: int = MOST_OF_A_KIND) -> list[str]:
    """Return problems in words, one line each, and of many of one kind the first few alone.

    Parameters
    ----------
    problems
        The problems, in the order found.
    lang
        The language.
    most
        How many of one kind in one file and column are put in words.

    Returns
    -------
    The lines; behind the last of a kind that has more, how many more there are.
    """
    kinds = [(one.key, one.file, one.params.get("column")) for one in problems]
    left = Counter(kinds)
    shown: Counter[tuple[Any, ...]] = Counter()
    lines = []
    for kind, problem in zip(kinds, problems, strict=True):
        if shown[kind] < most:
            shown[kind] += 1
            left[kind] -= 1
            lines.append(problem.say(lang))
            if shown[kind] == most and left[kind]:
                lines.append(
                    text("problems.and_more", lang, n=left[kind], file=problem.file or "–")
                )
    return lines


class InputError(PlannerError):
    """A file or table does not hold what it should."""


class SettingsError(PlannerError):
    """A scenario names something that does not exist, or contradicts itself."""


class NetworkError(PlannerError):
    """A street network cannot be built or asked as requested."""


class GeocodingError(PlannerError):
    """A map service that ends its answers: a key refused or used up, or no connection."""


class SitingError(PlannerError):
    """A siting question has no sound form: too many sites, unknown labels, negative weights."""


class NoPlanError(SitingError):
    """A sound siting question has no plan: its rules conflict, or time ran out before one."""


class Problems:
    """Collect problems, then raise once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(
        self,
        key: str,
        /,
        *,
        file: str | None = None,
        row: int | str | None = None,
        value: Any = None,
        **params: Any,
    ) -> None:
        """Note one problem.

        Parameters
        ----------
        key
            Its text in the catalogue, ``file.entry``; without a file, an entry of
            ``problems.toml``.
        file
            The file, or the key of the settings, that is wrong.
        row
            The row as a person counts it.
        value
            What is wrong, as it stands there.
        **params
            Further values of the text; a mapping ``zh``, ``en`` gives words of each language.
        """
        self.found.append(Problem(key=key, file=file, row=row, value=value, params=params))

    def raise_any(self, kind: type[PlannerError]) -> None:
        """Raise an error with all that was found, if anything was.

        Parameters
        ----------
        kind
            The class of the error.

        Raises
        ------
        PlannerError
            Of that class.
        """
        if self.found:
            raise kind(self.found)

    def made(self, thing: Made | None, kind: type[PlannerError]) -> Made:
        """Return what was made if nothing is wrong; else raise as `raise_any` does.

        Parameters
        ----------
        thing
            What was made; None where a problem says why not.
        kind
            The class of the error.

        Returns
        -------
        The thing.

        Raises
        ------
        PlannerError
            Of that class.
        """
        if self.found or thing is None:
            raise kind(self.found)
        return thing


class Gathered:
    """Gather the errors of several steps, then raise them as one.

    Examples
    --------
    >>> gathered = Gathered()
    >>> gathered.attempt(lambda: int("7"))
    7
    >>> def broken() -> int:
    ...     raise fail(InputError, "no_scenario", file="a.toml")
    >>> gathered.attempt(broken)
    >>> gathered.raise_any()  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    planner.errors.InputError: a.toml: there is no such scenario file. ...
    """

    def __init__(self) -> None:
        self.errors: list[PlannerError] = []

    def attempt(self, step: Callable[[], Made]) -> Made | None:
        """Return what a step makes; where it raises, keep the error for later and return None.

        Parameters
        ----------
        step
            A function without arguments.

        Returns
        -------
        What it returned, or None.
        """
        try:
            return step()
        except PlannerError as error:
            self.errors.append(error)
            return None

    def raise_any(self) -> None:
        """Raise the errors as one, if there are any; see `as_one`.

        Raises
        ------
        PlannerError
            If anything was kept; of a narrower kind where all errors are of that.
        """
        if self.errors:
            raise self.as_one()

    def as_one(self) -> PlannerError:
        """Return one error with every problem, told once: of their kind where all are of one."""
        problems: list[Problem] = []
        for error in self.errors:
            problems += [problem for problem in error.problems if problem not in problems]
        kinds = {type(error) for error in self.errors}
        return (kinds.pop() if len(kinds) == 1 else PlannerError)(problems)


def fail(
    kind: type[PlannerError],
    key: str,
    /,
    *,
    file: str | None = None,
    row: int | str | None = None,
    value: Any = None,
    **params: Any,
) -> PlannerError:
    """Build an error of a single problem, to be raised by the caller.

    Parameters
    ----------
    kind
        The class of the error.
    key
        Its text in the catalogue, ``file.entry``; without a file, an entry of ``problems.toml``.
    file
        The file, or the key of the settings, that is wrong.
    row
        The row as a person counts it.
    value
        What is wrong, as it stands there.
    **params
        Further values of the text; a mapping ``zh``, ``en`` gives words of each language.

    Returns
    -------
    The error.
    """
    return kind([Problem(key=key, file=file, row=row, value=value, params=params)])


def _printable(name: str) -> str:
    """Return a name on one line: what cannot be printed as Python would write it."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in name)


def did_you_mean(
    name: object, known: Iterable[object], *, all_too: bool = False
) -> dict[Lang, str]:
    """Return a sentence that suggests what was meant by a name that does not exist.

    Parameters
    ----------
    name
        The name given.
    known
        The names that exist.
    all_too
        Whether all names are named, too, where some are near.

    Returns
    -------
    The sentence in each language, to be passed to a problem as ``hint``: the nearest names, the
    case of letters aside; all names, or the first thirty, where none is near; or that there are
    none.

    Examples
    --------
    >>> did_you_mean("Canten", ["canteen", "shelter"])["en"]
    'The nearest is: canteen.'
    >>> did_you_mean("gym", ["canteen", "shelter"])["en"]
    'There are: canteen, shelter.'
    """
    names = list(dict.fromkeys(map(str, known)))
    near = _nearest_names(str(name), names)
    what, shown = ("nearest", near) if near else ("known", names)
    many = "none" if not shown else "one" if len(shown) == 1 else "many"
    rest = len(shown) - MOST_KNOWN
    listed = ", ".join(shown[:MOST_KNOWN]) + (f" (+{rest})" if rest > 0 else "")
    said = {lang: text(f"problems.{what}_{many}", lang, names=listed) for lang in LANGS}
    if all_too and near:
        others = did_you_mean("", names)
        said = {"zh": said["zh"] + others["zh"], "en": f"{said['en']} {others['en']}"}
    return said


def _nearest_names(name: str, known: Sequence[str]) -> list[str]:
    """Return the known names nearest to another, the nearest first: those about equally near."""
    plain = name.casefold()
    folded: dict[str, str] = {}
    for one in known:
        folded.setdefault(one.casefold(), one)
    near = difflib.get_close_matches(plain, folded, n=MOST_NEAR, cutoff=NEAR)
    alike = [difflib.SequenceMatcher(None, one, plain).ratio() for one in near]
    return [
        folded[one]
        for one, ratio in zip(near, alike, strict=True)
        if ratio == alike[0] or (alike[0] < 1 and ratio >= alike[0] - AS_NEAR)
    ]
