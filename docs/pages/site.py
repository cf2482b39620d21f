"""The pages of the site laid out in a folder: documents, chapters of the READMEs, references."""

import posixpath
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from pymdownx.slugs import slugify

from pages import figures, reference
from planner.language import Lang

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SUFFIX: dict[Lang, str] = {"en": ".md", "zh": ".zh.md"}
README: dict[Lang, str] = {"en": "README.md", "zh": "README.zh.md"}
# Which chapters of the README make which page, by the heading they begin with.
CHAPTERS: dict[Lang, dict[str, str]] = {
    "en": {
        "": "index", "What comes out": "index",
        "Your own data, in five minutes": "own-data", "Commands": "reference/commands",
        "Scenario reference": "reference/scenario", "How it counts": "method",
        "A real district": "own-data", "Licences": "index",
    },
    "zh": {
        "": "index", "得到什么": "index", "五分钟用上自己的数据": "own-data",
        "命令": "reference/commands", "场景设置参考": "reference/scenario", "怎么算": "method",
        "许可": "index",
    },
}  # fmt: skip
FROM_ROOT = {"CONTRIBUTING.md": "contributing", "CHANGELOG.md": "changelog"}
PICTURES = {
    "maps/chengwan.webp": "pictures/chengwan.webp",
    **{
        f"docs/shots/{path.name}": f"pictures/{path.name}"
        for path in sorted((ROOT / "docs" / "shots").glob("*.webp"))
    },
}
SLUG = slugify(case="lower")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def lay_out(folder: Path) -> Path:
    """Write every page into a folder, which is made anew.

    Parameters
    ----------
    folder
        Where to.

    Returns
    -------
    The folder.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name, words in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, "utf-8")
    shutil.copyfile(DOCS / "site.css", folder / "site.css")
    for lang, suffix in SUFFIX.items():
        (folder / "pictures").mkdir(exist_ok=True)
        for name, drawn in figures.pictures(lang).items():
            file = folder / "pictures" / f"{name}{suffix.removesuffix('.md')}.svg"
            file.write_text(drawn, "utf-8")
    for given, made in PICTURES.items():
        path = folder / made
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / given, path)
    return folder


def pages() -> dict[str, str]:
    """Return every page by its file's name, with the links of the site."""
    found: dict[str, str] = {}
    at: dict[str, str] = {}  # where a file of the repository, or a heading of a README, has gone
    came: dict[str, str] = {}  # which file of the repository a page came from
    for path in sorted(DOCS.rglob("*.md")):
        name = path.relative_to(DOCS).as_posix()
        found[name] = path.read_text("utf-8")
        at[f"docs/{name}"], came[name] = name, f"docs/{name}"
    for given, name in FROM_ROOT.items():
        found[f"{name}.md"] = (ROOT / given).read_text("utf-8")
        at[given], came[f"{name}.md"] = f"{name}.md", given
    for lang, suffix in SUFFIX.items():
        at[README[lang]] = f"index{suffix}"
        for heading, words in chapters(lang).items():
            name = f"{CHAPTERS[lang][heading]}{suffix}"
            before = found.get(name, "")
            found[name] = f"{before.rstrip()}\n\n{words}" if before else words
            came.setdefault(name, README[lang])
            for title in re.findall(r"(?m)^#+ (.+)$", words):
                at[f"{README[lang]}#{SLUG(title, '-')}"] = name
        for name, words in reference.pages(lang).items():
            before = found.get(f"{name}{suffix}", "")
            found[f"{name}{suffix}"] = f"{before.rstrip()}\n\n{words}" if before else words
            came.setdefault(f"{name}{suffix}", f"docs/{name}{suffix}")
    return {name: linked(words, name, came[name], at) for name, words in found.items()}


def chapters(lang: Lang) -> dict[str, str]:
    """Return the chapters of a README by their headings; what stands before them by none."""
    parts = re.split(r"(?m)^(?=## )", (ROOT / README[lang]).read_text("utf-8"))
    heads = [part.splitlines()[0].removeprefix("## ") for part in parts[1:]]
    return dict(zip(["", *heads], parts, strict=True))


def linked(words: str, page: str, came: str, at: Mapping[str, str]) -> str:
    """Return a page whose links lead to pages; where there is no page, the words stay alone.

    Parameters
    ----------
    words
        The page, as its file in the repository has it.
    page
        The page's name on the site.
    came
        The file of the repository that the page came from.
    at
        The page of each file of the repository, and of each heading of a README.
    """
    folder = posixpath.dirname(page) or "."
    pair = {"README.md": "index.zh.md", "README.zh.md": "index.md"}
    for name in ("questions", "tutorial", "howto", "method"):
        pair |= {f"docs/{name}.md": f"{name}.zh.md", f"docs/{name}.zh.md": f"{name}.md"}

    def relink(found: re.Match[str]) -> str:
        mark, told, target = found.groups()
        if re.match(r"\w+:|pictures/", target):
            return found[0]
        file, _, anchor = target.partition("#")
        named = posixpath.normpath(posixpath.join(posixpath.dirname(came), file)) if file else came
        if named in PICTURES:
            return f"{mark}[{told}]({posixpath.relpath(PICTURES[named], folder)})"
        if not file and named not in README.values():
            return found[0]
        to = at.get(f"{named}#{anchor}" if anchor else named, at.get(named))
        if to is None:
            return told
        anchor = f"#{anchor}" if anchor else ""
        if came in pair and to == pair[came]:  # the same page in the other language
            over = "zh/" if to.endswith(".zh.md") else posixpath.relpath(".", f"zh/{folder}") + "/"
            html = posixpath.normpath(posixpath.join(folder, re.sub(r"(\.zh)?\.md$", ".html", to)))
            return f'<a href="{over}{html}">{told}</a>'
        where = posixpath.relpath(to.replace(".zh.md", ".md"), folder)
        return f"{mark}[{told}]({where}{anchor})"

    return LINK.sub(relink, words)
