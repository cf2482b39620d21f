"""Tell whether the result that stands in a folder is what a run would write there again.

A result's manifest says what it was made of: a digest of the program with its libraries, one of
what was asked, and the digest of every file that went in; and the digest of every file that came
out. All are computed anew before a run, from content alone, and nothing of the engine is loaded for
it. Where one differs, or cannot be had, the run computes.

Which files a scenario names is told without its schema: any text in it that leads to a file counts,
in the profiles it names, too. That may be a file too many, never one too few: a result is recorded
only if each file that was read is among them with the very digest that it had then (`covers`).
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path
from typing import Any, Literal, get_args

from planner.district.reading.digests import (
    DATABASE,
    PACKAGE,
    is_geodatabase,
    package_folder,
    sha256,
)
from planner.language import Spoken, default_lang

MANIFEST = "manifest.json"
State = Literal["stands", "damaged", "other_version", "other"]

_CODE = (".py", ".toml", ".js", ".css", ".json", ".txt")


@dataclass(frozen=True, kw_only=True)
class MadeOf:
    """What a result is made of.

    Parameters
    ----------
    program
        Digest of the package's code, and of the versions of what it stands on.
    asked
        Digest of what was asked: the scenario, what is laid over it, the language, the outputs.
    files
        For each text of the scenario that leads to files, the digest of each by its path.
    lang
        The language that the scenario is told in, as it says.
    """

    program: str
    asked: str
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lang: Spoken | None = None

    def covers(self, inputs: Iterable[tuple[str, str]]) -> bool:
        """Return whether all that was read is known, with the content that it had when it was read.

        Parameters
        ----------
        inputs
            Name and digest of each file that was read.

        Returns
        -------
        Whether a result may be told by this.
        """
        return all(digest in self.files.get(name, {}).values() for name, digest in inputs)


def made_of(
    scenario: Path,
    *,
    use: Sequence[str] = (),
    assign: Sequence[str] = (),
    lang: str | None = None,
    outputs: Sequence[str] = (),
) -> MadeOf | None:
    """Return what a run would make its result of, without running it.

    Parameters
    ----------
    scenario
        The scenario's file.
    use, assign
        The overrides and single settings laid over it.
    lang
        The language asked for.
    outputs
        What of a result is asked for.

    Returns
    -------
    The digests; None where a file cannot be read, which the run will tell, and where a database is.
    """
    try:
        content = scenario.read_bytes()
        told = tomllib.loads(content.decode("utf-8-sig"))
        words = [*_texts(told), *_assigned(assign)]
        if any(word.startswith(DATABASE) for word in words):
            return None  # what a server holds today it need not hold tomorrow
        folders = [scenario.parent, *(scenario.parent / word for word in words if word)]
        files = _files(words, [folder for folder in folders if folder.is_dir()])
        asked = {
            "scenario": hashlib.sha256(content).hexdigest(),
            "file": str(scenario.resolve()),
            "use": list(use),
            "set": list(assign),
            "lang": [lang, default_lang()],
            "outputs": sorted(outputs),
        }
    except (OSError, ValueError, RecursionError):
        return None
    spoken = told.get("lang")
    own = spoken if spoken in get_args(Spoken) else None
    return MadeOf(program=_program(), asked=_digest(asked), files=files, lang=own)


def manifest(names: Iterable[str], folder: Path, made: MadeOf | None) -> str:
    """Return the manifest of a result.

    Parameters
    ----------
    names
        Its files, by path within the folder.
    folder
        Where they are.
    made
        What it was made of; None where no later run is to find it unchanged.

    Returns
    -------
    JSON: ``files``, and with `made` their ``sha256``, and ``made_of``.
    """
    told: dict[str, object] = {"files": sorted(names)}
    if made is not None:
        told["sha256"] = {name: sha256(folder / name) for name in sorted(names)}
        told["made_of"] = asdict(made)
    return json.dumps(told, ensure_ascii=False, indent=1)


def state(folder: Path, made: MadeOf) -> State:
    """Return whether a run would write the result that stands in a folder once more.

    Parameters
    ----------
    folder
        The folder of results.
    made
        What the run would make its result of.

    Returns
    -------
    ``stands``; ``damaged`` where a file is missing or altered; ``other_version`` where another
    version of the program made it; ``other`` where something else was asked or read, or nothing is
    known.
    """
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
        before, digests = told["made_of"], told["sha256"]
        if (before["asked"], before["files"]) != (made.asked, made.files):
            return "other"
        if before["program"] != made.program:
            return "other_version"
        whole = sorted(digests) == sorted(told["files"])
        same = whole and all(_digest_of(folder / name) == digests[name] for name in digests)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "other"
    return "stands" if same else "damaged"


def _digest_of(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _texts(part: Any) -> Iterator[str]:
    """List all texts of a scenario, however deep, but keys."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _assigned(assign: Iterable[str]) -> Iterator[str]:
    """List the texts of single settings, each as TOML and as it stands."""
    for pair in assign:
        value = pair.partition("=")[2].strip()
        yield value
        try:
            yield from _texts(tomllib.loads(f"value = {value}"))
        except tomllib.TOMLDecodeError:
            continue


def _files(words: Iterable[str], folders: Sequence[Path]) -> dict[str, dict[str, str]]:
    """Return the digests of the files that a text leads to, and of those that such a file names."""
    found: dict[str, dict[str, str]] = {}
    for word in dict.fromkeys(words):
        places = [path for path in _places(word, folders) if _is_file(path)]
        if places:
            found[word] = {str(one): sha256(one) for path in places for one in _with_beside(path)}
        for path in places:
            if path.suffix.lower() == ".toml":
                named = _texts(tomllib.loads(path.read_text("utf-8-sig")))
                new = [one for one in named if one not in found]
                found = _files(new, [path.parent, *folders]) | found
    return found


def _with_beside(path: Path) -> list[Path]:
    """List a file, and those beside it that bear its name: parts, indices, journals."""
    begins = (f"{path.stem}.".casefold(), f"{path.name}-".casefold())
    beside = (one for one in path.parent.iterdir() if one.name.casefold().startswith(begins))
    return sorted({path, *(one for one in beside if one.is_file())})


def _places(word: str, folders: Sequence[Path]) -> Iterator[Path]:
    """List where a text may lead to."""
    if word.startswith(PACKAGE):
        package, _, inner = word.removeprefix(PACKAGE).partition("/")
        home = package_folder(package)
        if home is not None:
            yield home / inner
    elif word and word.isprintable():
        yield from (folder / word for folder in folders)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file() or is_geodatabase(path)
    except (OSError, ValueError):  # a text that is no name for a file
        return False


@cache
def code_digest() -> str:
    """Return a digest of the package's code."""
    home = Path(__file__).parents[2]
    digest = hashlib.sha256()
    own = {path.relative_to(home): path for path in home.rglob("*") if path.suffix in _CODE}
    for name, path in sorted((inner.as_posix(), path) for inner, path in own.items()):
        if not name.startswith("datasets/"):
            digest.update(f"{name}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def planner_version() -> str:
    """Return the version of the package, as it is installed."""
    return version("planner")


@cache
def _program() -> str:
    """Return a digest of the package's code and of the versions of all that it stands on."""
    told = [code_digest(), sys.version, platform.platform(), _versions()]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _versions() -> dict[str, str]:
    """Return the versions of the libraries that the package stands on."""
    found = {}
    for wanted in ["planner", *(requires("planner") or [])]:
        name = wanted.split(";")[0].split(">")[0].split("=")[0].split("<")[0].strip()
        with suppress(PackageNotFoundError):  # of an extra that is not installed
            found[name] = _version(name)
    return found


def _version(package: str) -> str:
    """Return the version of a package by the one line that says it: `version` reads the whole."""
    told = distribution(package).read_text("METADATA") or ""
    line = re.search(r"^Version: *(\S+)", told, re.MULTILINE)
    return version(package) if line is None else line[1]


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
