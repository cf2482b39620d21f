"""The command `planner demo`."""

from pathlib import Path

from planner.cli.heavy import api, show
from planner.cli.loudness import with_loudness
from planner.cli.options import Assign, Demo, Fresh, Language, List, Out, Outputs, Use
from planner.cli.running import RunAsked, run_to
from planner.cli.spoken import language_for
from planner.district.reading import embedded


@with_loudness
def demo(
    name: Demo = "chengwan",
    *,
    out: Out = None,
    list_: List = False,
    assign: Assign = None,
    use: Use = None,
    outputs: Outputs = None,
    fresh: Fresh = False,
    lang: Language = None,
) -> None:
    """Run an embedded case.

    Parameters
    ----------
    name, out, list_, assign, use, outputs, fresh, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    if list_:
        show.demos(api.demos(), language_for(lang))
    else:
        asked = RunAsked(use=use, assign=assign, outputs=outputs, lang=lang)
        run_to(embedded.demo(name), out or Path("maps") / name, asked, fresh=fresh)
