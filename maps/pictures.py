"""Take the pictures of the demos' maps that this folder keeps: run the demos, open each, shrink.

Da'an's files are no part of the project: name their folder, or its picture stays as it is.
"""

import argparse
import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

import planner

HERE = Path(__file__).resolve().parent
WINDOW = {"width": 1280, "height": 800}
QUALITIES = (90, 85, 80, 70)
MOST_BYTES = 200_000


def main() -> None:
    """Make every picture that can be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--daan", type=Path, help="folder with the files of datasets/daan")
    daan = parser.parse_args().daan
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is needed: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        chengwan = planner.run(planner.demo("chengwan"))
        shoot(browser, chengwan, "chengwan", "zh")
        frail = planner.run(planner.demo("chengwan"), use=["frail"])
        shoot(browser, planner.compare(chengwan, frail), "compared", "en")
        shoot(browser, planner.run(planner.demo("helsinki")), "helsinki", "en")
        if daan is not None:
            scenario = HERE.parent / "datasets" / "daan" / "scenario.toml"
            plan = planner.run(scenario, set=[f"folder={daan.resolve()}"])
            shoot(browser, plan, "daan", "zh")
        browser.close()


def shoot(browser: Browser, plan: planner.Plan | planner.Comparison, name: str, lang: str) -> None:
    """Open a map, and keep a picture of it as good as its size allows."""
    page = browser.new_page(viewport=WINDOW)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "map.html"
        file.write_text(planner.draw(plan, lang=lang).get_root().render(), "utf-8")
        page.goto(file.as_uri())
        page.wait_for_function("document.body.dataset.drawn")
        page.wait_for_timeout(500)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    for quality in QUALITIES:
        small = io.BytesIO()
        picture.save(small, "WEBP", quality=quality, method=6)
        if small.tell() <= MOST_BYTES:
            break
    else:
        sys.exit(f"{name}.webp stays larger than {MOST_BYTES / 1000:.0f} kB")
    (HERE / f"{name}.webp").write_bytes(small.getvalue())
    print(f"{name}.webp: {small.tell() / 1000:.0f} kB, quality {quality}")


if __name__ == "__main__":
    main()
