"""What commands take: their arguments and options, each explained under its key in `cli.toml`."""

from pathlib import Path
from typing import Annotated

import typer

from planner.language import Spoken
from planner.output.chosen import PARTS

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO.toml", help="cli.scenario")]
Other = Annotated[
    Path | None, typer.Argument(metavar="OTHER.toml", help="cli.other", show_default=False)
]
Demo = Annotated[str, typer.Argument(metavar="NAME", help="cli.name")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="cli.out")]
Workbook = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="FILE.xlsx", help="cli.template_out", show_default=False),
]
Assign = Annotated[
    list[str] | None, typer.Option("--set", "-s", metavar="KEY=VALUE", help="cli.set")
]
Vary = Annotated[list[str] | None, typer.Option("--vary", metavar="KEY=VALUES", help="cli.vary")]
Use = Annotated[list[str] | None, typer.Option("--use", "-u", metavar="NAME", help="cli.use")]
Language = Annotated[
    Spoken | None, typer.Option("--lang", metavar="zh|en|zh-Hant|zh-HK|zh-TW", help="cli.lang")
]
Profiles = Annotated[list[str], typer.Argument(metavar="PROFILE...", help="cli.profiles")]
Year = Annotated[int | None, typer.Option("--year", "-y", metavar="YYYY", help="cli.year")]
Memory = Annotated[
    float | None, typer.Option("--memory-limit", metavar="GB", min=0.1, max=1e6, help="cli.memory")
]
Seconds = Annotated[
    float | None, typer.Option("--time-limit", metavar="S", min=1, max=1e7, help="cli.seconds")
]
Outputs = Annotated[
    list[str] | None,
    typer.Option("--outputs", metavar="|".join(PARTS), help="cli.outputs"),
]
Json = Annotated[bool, typer.Option("--json", help="cli.json")]
Fresh = Annotated[bool, typer.Option("--fresh", help="cli.fresh")]
List = Annotated[bool, typer.Option("--list", "-l", help="cli.list")]
