"""A page in a real browser, and what goes wrong on it."""

from typing import Any, ClassVar
from weakref import WeakKeyDictionary

WIDE = {"width": 1400, "height": 900}
_contexts: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


# To paint the map takes most of the time of a page of which words and numbers are read.
UNPAINTED = """document.addEventListener('DOMContentLoaded', () => {
    const style = document.createElement('style');
    style.textContent = '#plan_map, #plan_map * { visibility: hidden !important; }';
    document.head.append(style); });"""


class Visit:
    """A page opened with no network, and what went wrong on it; ``opened`` has all pages.

    One that is not ``painted`` has its map, but nobody sees it, nor points at it.
    """

    opened: ClassVar[list["Visit"]] = []

    def __init__(self, browser, html, folder, *, painted=True, **options):
        path = folder / "map.html"
        path.write_text(html, "utf-8")
        self.wrong: list[str] = []
        self.page = fresh_page(browser, **options)
        if not painted:
            self.page.add_init_script(UNPAINTED)
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


def fresh_page(
    browser: Any, color_scheme: str = "light", reduced_motion: str = "no-preference", **options: Any
) -> Any:
    """Return a new page, which knows nothing of any other, by the process of those before it.

    To begin a process for each takes longer than to draw the map. It ends with its last page: one
    with nothing on it stays open in every context.
    """
    viewport = options.pop("viewport", WIDE)
    wanted = repr(sorted(options.items()))
    contexts = _contexts.setdefault(browser, {})
    if wanted not in contexts:
        contexts[wanted] = browser.new_context(**options)
        contexts[wanted].new_page().goto("file:///")
    page = contexts[wanted].new_page()
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
    return page


def forget_pages(browser: Any) -> None:
    """Close all that is open in a browser, and let the next page begin with nothing."""
    for context in browser.contexts:
        context.close()
    _contexts.pop(browser, None)
    Visit.opened.clear()
