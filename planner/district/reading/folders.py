"""Replace a folder of results: complete or not at all, and nothing that is somebody's own is lost.

What a run wrote is told by name in its manifest; all else in the folder is a person's own, and
goes over to the new folder as it is. The new folder takes the place of the old one in a single step
where the system can exchange two folders. Where it cannot, there are two steps, and a run that is
killed between them is mended by the next one.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from planner.district.reading.files import one_line
from planner.district.reading.standing import MANIFEST, MadeOf, manifest
from planner.errors import InputError, fail

Content = bytes | str | Callable[[Path], None]

RESULT_MARKS = ("plan.json", "comparison.json")

_WORKSHOP = ".planner-"
_LOCK = "lock"  # in a workshop: locked while the folder is being replaced
_MOST_NAME_BYTES = 255
_AT_WORKING_FOLDER = -100
_EXCHANGE = 2


def save_folder(
    folder: Path, files: Mapping[str, Content], made: Callable[[], MadeOf | None] = lambda: None
) -> None:
    """Write a folder of results, complete or not at all.

    What stood there before stays whole until everything is written, and returns if the last step
    fails. What a person put beside or among the files of an earlier result stays; where it bears
    the name of a new file, it gets a number.

    Parameters
    ----------
    folder
        The folder to write; replaced where it holds an earlier result.
    files
        Content by path within the folder (``tables/gaps.csv``): bytes, text, or a function that
        writes the file at the path it is given.
    made
        Tells what the result was made of, once it is written; a later run finds it unchanged then.

    Raises
    ------
    InputError
        If something else stands in the way (see `check_folder`), or the disk does not allow it:
        full, no right to write, a file of the earlier result held open by another program.
    """
    check_folder(folder)
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        mend(folder)
        _replace(folder, files, made)
    except OSError as error:
        what = one_line(error)
        raise fail(InputError, "io.cannot_write", file=str(folder), value=what) from error


def check_folder(folder: Path) -> None:
    """Check that results may be written to a folder.

    Parameters
    ----------
    folder
        The folder that is to hold results; it need not exist.

    Raises
    ------
    InputError
        If it is no name for a folder, is a file, lies where nobody may write, or holds something
        else than an earlier result.
    """
    absolute = folder.absolute()
    name = absolute.name
    odd = not str(absolute).isprintable() or len(os.fsencode(name)) > _MOST_NAME_BYTES
    if not name or odd or name.startswith(_WORKSHOP):
        raise fail(InputError, "io.no_folder_name", file=repr(str(folder)))
    try:
        above = next(place for place in absolute.parents if place.exists())
        if not above.is_dir():
            raise fail(InputError, "io.not_a_folder", file=str(above))
        if not os.access(above, os.W_OK | os.X_OK):
            raise fail(InputError, "io.cannot_write", file=str(folder), value=str(above))
        if folder.is_dir():
            _check_replaceable(folder)
        elif folder.exists() or folder.is_symlink():
            raise fail(InputError, "io.not_a_folder", file=str(folder))
    except OSError as error:  # a path too long, a folder that nobody else may look into
        what = one_line(error)
        raise fail(InputError, "io.cannot_write", file=str(folder), value=what) from None


def mend(folder: Path) -> None:
    """Bring a folder back that a killed run left half replaced, and clear away what it left.

    Parameters
    ----------
    folder
        The folder of results, as an absolute path.

    Raises
    ------
    OSError
        If the disk does not allow it.
    """
    for workshop in folder.parent.glob(f"{_workshop_of(folder)}*"):
        with contextlib.suppress(OSError):
            workshop.rmdir()  # one that was killed before it had begun
        whole = False
        with contextlib.suppress(OSError), (workshop / _LOCK).open("r+b") as lock:
            if not hold(lock):
                continue
            new, old = workshop / "new", workshop / "old"
            if old.exists() and not folder.exists():
                # Both are whole: the old one is moved away only once the new one is written.
                (new if new.exists() else old).rename(folder)
            whole = folder.exists() or not old.exists()
            if whole:
                _clear(workshop)
        if whole:
            _clear(workshop)  # Windows removes no file that is open


def exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, where the system can.

    Parameters
    ----------
    one
        A folder.
    other
        Another one, on the same file system.

    Returns
    -------
    Whether they were exchanged.

    Raises
    ------
    OSError
        If it can, and these two may not be exchanged.
    """
    if not sys.platform.startswith("linux"):
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    here = _AT_WORKING_FOLDER
    if call(here, os.fsencode(one), here, os.fsencode(other), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}:
        return False  # the file system knows no exchange
    raise OSError(code, os.strerror(code), str(other))


def _check_replaceable(folder: Path) -> None:
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise fail(InputError, "io.cannot_write", file=str(folder), value=folder.name)
    if any(folder.iterdir()) and not _is_result(folder):
        raise fail(InputError, "io.not_a_result", file=str(folder), value=RESULT_MARKS[0])


def _is_result(folder: Path) -> bool:
    """Return whether a run wrote the folder: it has a manifest, or the record of older versions."""
    if (folder / MANIFEST).is_file() and _manifest(folder) is not None:
        return True
    for mark in RESULT_MARKS:
        with contextlib.suppress(OSError, ValueError, RecursionError):
            if "schema_version" in json.loads((folder / mark).read_text("utf-8")):
                return True
    return False


def _manifest(folder: Path) -> set[str] | None:
    """Read the names of what a run wrote; nothing where no manifest tells."""
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
        names = told["files"]
        known = {name for name in names if isinstance(name, str)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return {*known, MANIFEST} if isinstance(names, list) else None


def _replace(folder: Path, files: Mapping[str, Content], made: Callable[[], MadeOf | None]) -> None:
    # On the same disk, so that moving it into place is one step.
    workshop = Path(tempfile.mkdtemp(prefix=_workshop_of(folder), dir=folder.parent))
    new, old = workshop / "new", workshop / "old"
    try:
        with (workshop / _LOCK).open("w+b") as lock:
            hold(lock)
            new.mkdir()
            for name, content in files.items():
                _write(new, name, content)
            _write(new, MANIFEST, manifest(files, new, made()))
            if folder.exists():
                ours = _manifest(folder) or set(files)
                _keep_others(folder, new, ours)
                _swap(folder, new, old)
                if new.exists():  # what came to the old folder in the meantime
                    _keep_others(new, folder, ours)
            else:
                new.rename(folder)
    finally:
        # An old result that could not be put back is the only one there is: never remove it.
        if folder.exists() or not old.exists():
            _clear(workshop)


def _workshop_of(folder: Path) -> str:
    """Return how the names of the hidden folders begin in which this folder is made anew."""
    name = hashlib.blake2b(os.fsencode(folder.name), digest_size=6)
    return f"{_WORKSHOP}{name.hexdigest()}-"


def _clear(workshop: Path) -> None:
    """Remove a hidden folder, what tells that it is one last."""
    for part in ("new", "old"):
        shutil.rmtree(workshop / part, ignore_errors=True)
    with contextlib.suppress(OSError):
        (workshop / _LOCK).unlink()
        workshop.rmdir()


def _swap(folder: Path, new: Path, old: Path) -> None:
    """Replace the old folder by the new one; bring the old one back if that fails."""
    if exchange(new, folder):
        return
    try:
        folder.rename(old)
        new.rename(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise


def _write(folder: Path, name: str, content: Content) -> None:
    inner = PurePosixPath(name)
    if inner.is_absolute() or ".." in inner.parts:
        message = f"not inside the folder: {name}"
        raise ValueError(message)
    path = folder.joinpath(*inner.parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8", newline="\n")
    else:
        content(path)


def _keep_others(folder: Path, new: Path, ours: set[str]) -> None:
    """Bring all that no run wrote over to a new folder, as it is: the same file, not a copy."""
    for path, is_folder in _entries(folder):
        inner = path.relative_to(folder)
        target = new / inner
        if is_folder:
            if not any(name.startswith(f"{inner.as_posix()}/") for name in ours):
                _make_folder(path, target)
        elif inner.as_posix() not in ours and not _is_same(path, target):
            _make_folder(path.parent, target.parent)
            _carry(path, _free(target))


def _entries(folder: Path) -> Iterator[tuple[Path, bool]]:
    """List all in a folder, folders before what is in them; links are not followed."""
    for entry in sorted(folder.iterdir()):
        is_folder = entry.is_dir() and not entry.is_symlink()
        yield entry, is_folder
        if is_folder:
            yield from _entries(entry)


def _make_folder(like: Path, target: Path) -> None:
    """Make a folder with the rights of another one, where there is none."""
    if not target.is_dir():
        target.mkdir(parents=True)
        shutil.copystat(like, target)


def _is_same(path: Path, target: Path) -> bool:
    return target.exists() and not path.is_symlink() and path.samefile(target)


def _free(target: Path) -> Path:
    """Return a path that nothing has yet: the one given, or one with a number."""
    number, free = 0, target
    while free.exists() or free.is_symlink():
        number += 1
        free = target.with_name(f"{target.stem} ({number}){target.suffix}")
    return free


def _carry(path: Path, target: Path) -> None:
    if path.is_symlink():
        target.symlink_to(path.readlink())
        return
    try:
        os.link(path, target)
    except OSError:  # a disk without links
        shutil.copy2(path, target)


def hold(lock: IO[bytes]) -> bool:
    """Lock a file for as long as it is open.

    Parameters
    ----------
    lock
        The file.

    Returns
    -------
    Whether nobody else holds it.
    """
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  of Windows alone

            lock.seek(0)  # it locks from where the file stands
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  Windows has none

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
