"""A page in a real browser, and what goes wrong on it."""

from typing import ClassVar


class Visit:
    """A page opened with no network, and what went wrong on it; ``opened`` has all pages."""

    opened: ClassVar[list["Visit"]] = []

    def __init__(self, browser, html, folder, **options):
        path = folder / "map.html"
        path.write_text(html, "utf-8")
        self.wrong: list[str] = []
        self.page = browser.new_page(**({"viewport": {"width": 1400, "height": 900}} | options))
        Visit.opened.append(self)
        self.page.on("console", lambda said: self.wrong.append(said.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda one: self._asked(one.url))
        self.own = path.as_uri()
        self.page.goto(self.own)
        self.page.wait_for_function("document.body.dataset.drawn")

    def _asked(self, url: str) -> None:
        if url != self.own and not url.startswith(("data:", "blob:")):
            self.wrong.append(url)

    def __call__(self, script: str, *values):
        return self.page.evaluate(script, *values)
