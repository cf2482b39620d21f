"""The tutorial's commands run again, and what they print put into both its languages.

python docs/pages/tutorial.py    # some minutes; needs the extra `test`
"""

import os
import re
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

from planner.language import Lang

ROOT = Path(__file__).resolve().parents[2]
PAGES: dict[Lang, Path] = {
    "en": ROOT / "docs" / "tutorial.md",
    "zh": ROOT / "docs" / "tutorial.zh.md",
}
FOLDER: dict[Lang, str] = {"en": "district", "zh": "我区"}
QUESTION = re.compile(r"```toml\n(\[\[siting\]\]\n.+?)```", re.DOTALL)


def steps(lang: Lang) -> dict[str, list[str]]:
    """Return the arguments of each step's command, as the page writes them."""
    words = PAGES[lang].read_text("utf-8")
    found = re.findall(r"```sh\nplanner (.+)\n```\n\n<!-- told: (\w+) -->", words)
    return {name: command.split() for command, name in found}


def run(lang: Lang, within: Path) -> dict[str, str]:
    """Return what each step prints.

    Parameters
    ----------
    lang
        Language of the tutorial.
    within
        An empty folder.
    """
    folder, words = FOLDER[lang], PAGES[lang].read_text("utf-8")
    runpy.run_path(str(ROOT / "datasets" / "bureau.py"))["main"](within / folder)
    environment = {**os.environ, "COLUMNS": "80", "PLANNER_LANG": lang}
    told = {}
    for name, arguments in steps(lang).items():
        if name == "siting":
            (question,) = QUESTION.findall(words)
            with (within / folder / "scenario.toml").open("a", encoding="utf-8") as file:
                file.write(f"\n{question}")
        asked = [sys.executable, "-m", "planner", *arguments]
        said = subprocess.run(  # noqa: S603  this program
            asked, cwd=within, env=environment, capture_output=True, text=True, check=True
        )
        told[name] = said.stdout
    return told


def filled(words: str, told: dict[str, str]) -> str:
    """Return a page with what each step printed between its marks."""
    for name, printed in told.items():
        block = f"<!-- told: {name} -->\n\n```text\n{printed.rstrip()}\n```\n\n<!-- /told -->"
        marked = rf"<!-- told: {name} -->.*?<!-- /told -->"
        words = re.sub(marked, lambda _, made=block: made, words, flags=re.DOTALL)
    return words


if __name__ == "__main__":
    for lang, page in PAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            told = run(lang, Path(folder))
        page.write_text(filled(page.read_text("utf-8"), told), "utf-8")
