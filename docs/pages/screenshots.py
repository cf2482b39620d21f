"""Take the pictures of the tutorial: run it on its synthetic files, open what it makes, shrink.

python docs/pages/screenshots.py    # some minutes; needs the extra `test` and Chromium
"""

import io
import runpy
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

import planner
from planner.language import LANGS

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "docs" / "shots"
WINDOW = {"width": 1280, "height": 800}
SHOWN = (1024, 640)  # points of a picture, in place of those of the window
QUALITIES = (85, 80, 75, 70, 60)
MOST_BYTES = 150_000
TITLES = ['title="我区"', 'title_en="district"', "synthetic=true"]
DRAWN = {"map": "document.body.dataset.drawn", "report": "document.readyState === 'complete'"}


def main() -> None:
    """Make every picture in both languages."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is needed: apt-get install chromium")
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as driver:
        folder = Path(home) / "district"
        runpy.run_path(str(ROOT / "datasets" / "bureau.py"))["main"](folder)
        planner.new(folder)
        plan = planner.run(folder / "scenario.toml", set=TITLES)
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for lang in LANGS:
            made = plan.save(Path(home) / lang, lang=lang, outputs=["map", "report"])
            for name, drawn in DRAWN.items():
                shoot(browser, made / f"{name}.html", f"tutorial-{name}-{lang}.webp", drawn)
        browser.close()


def shoot(browser: Browser, file: Path, name: str, drawn: str) -> None:
    """Open a file, and keep a picture of it as good as its size allows."""
    page = browser.new_page(viewport=WINDOW)
    page.goto(file.as_uri())
    page.wait_for_function(drawn)
    page.wait_for_timeout(500)
    whole = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture = whole.resize(SHOWN, Image.Resampling.LANCZOS)
    page.close()
    for quality in QUALITIES:
        small = io.BytesIO()
        picture.save(small, "WEBP", quality=quality, method=6)
        if small.tell() <= MOST_BYTES:
            break
    else:
        sys.exit(f"{name} stays larger than {MOST_BYTES / 1000:.0f} kB")
    (HERE / name).write_bytes(small.getvalue())
    sys.stdout.write(f"{name}: {small.tell() / 1000:.0f} kB, quality {quality}\n")


if __name__ == "__main__":
    main()
