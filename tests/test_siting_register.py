"""The register of siting models: what is registered once stands everywhere."""

import json
from dataclasses import replace

import openpyxl
import pytest
from support.siting_enumeration import Enumeration

from planner import api, cli, language, siting
from planner.engine.siting.verification.plan_check import CoverCheck
from planner.errors import SettingsError
from planner.language import LANGS
from planner.settings import SitingQuestion
from planner.settings.siting import OF_MODEL

TEXTS = {
    "name": {"zh": "玩具模型", "en": "toy model"},
    "about": {"zh": "住户最多", "en": "most homes"},
    "objective": {"zh": "住户数", "en": "homes reached"},
}


def most_homes(od, demand, *, p=None, **rules):
    """Reach most homes, whoever lives there."""
    return replace(siting.max_cover(od, demand.clip(upper=1.0), p=p, **rules), model="toy")


class HomesCheck(CoverCheck):
    """Homes weigh one each."""

    def __init__(self, answer, table, demand):
        super().__init__(answer, table, demand.clip(upper=1.0))


@pytest.fixture
def toy_model(monkeypatch):
    """A toy model, registered as anybody would, with its texts; and gone again afterwards."""
    before = dict(siting.MODELS)
    monkeypatch.setitem(language._catalogue("models"), "toy", TEXTS)
    siting.register(
        siting.ModelSpec(
            id="toy", solve=most_homes, check=HomesCheck, table="covering", takes=("p", "floors")
        )
    )
    yield
    siting.MODELS.clear()
    siting.MODELS.update(before)


ASKED = 'siting=[{kind = "canteen", model = "toy", new = 1}]'


def call(*arguments):
    try:
        cli.main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return stop.code
    return 0


@pytest.mark.usefixtures("toy_model")
def test_a_toy_model_stands_everywhere(toy_city, tmp_path, capsys):
    out = tmp_path / "out"
    with toy_city.open("a") as scenario:
        scenario.write('\n[[siting]]\nkind = "canteen"\nmodel = "toy"\nnew = 1\n')
    assert call("check", toy_city, "--lang", "en") == 0
    assert call("run", toy_city, "--out", out, "--lang", "en") == 0
    assert "toy model" in capsys.readouterr().out
    found = json.loads((out / "plan.json").read_text("utf-8"))["siting"][-1]
    assert found["model"] == "toy"
    assert found["status"] == "optimal"
    assert found["verified"]["holds"]
    # Five of the eight homes reach the canteen; X1 brings a1 and c1, X2 and X3 no more than e1.
    assert found["objective"] == found["verified"]["objective"] == found["verified"]["optimum"] == 7
    assert "toy model" in (out / "report.md").read_text("utf-8")
    assert "homes reached" in (out / "report.md").read_text("utf-8")
    assert '"model_toy":"toy model"' in (out / "map.html").read_text("utf-8")
    book = openpyxl.load_workbook(out / "report.xlsx")
    cells = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "toy model" in cells


@pytest.mark.usefixtures("toy_model")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"share": 0.5}, "'siting.0.share' would do nothing here. It goes with: model = set_cover"),
        ({"sizes": [{"size": "s", "capacity": 9, "cost": 1}]}, "'siting.0.sizes'"),
        ({"new": None}, "'siting.0.new' is needed"),
        ({"model": "toi"}, "Expected: 'max_cover', "),
    ],
)
def test_wrong_keys_of_a_toy_model_are_refused(toy_city, asked, said):
    question = {"kind": "canteen", "model": "toy", "new": 1} | asked
    given = ", ".join(
        f"{key} = " + json.dumps(value).replace(": ", " = ")
        for key, value in question.items()
        if value is not None
    )
    with pytest.raises(SettingsError) as caught:
        api.check(toy_city, set=[f"siting=[{{{given}}}]"])
    (line,) = caught.value.say("en")
    assert said in line
    if asked.get("model"):
        assert line.endswith("'fair_cover' or 'toy'.")


def test_a_toy_model_is_gone_afterwards(toy_city):
    with pytest.raises(SettingsError) as caught:
        api.check(toy_city, set=[ASKED])
    assert "'toy' is not a value for 'siting.0.model'" in caught.value.say("en")[0]
    with pytest.raises(ValueError, match="'max_cover'"):
        siting.register(siting.MODELS["max_cover"])


def test_every_model_has_its_texts_and_an_oracle():
    for spec in siting.MODELS.values():
        assert all(spec.key(words) for words in ("about", "title")), spec.id
        assert all(spec.name(lang) for lang in LANGS)
        assert {key for key in spec.takes if key != "p"} <= set(OF_MODEL.values()), spec.id
        oracle = Enumeration.__new__(Enumeration)
        oracle.model = spec.id
        assert oracle.least == spec.least, spec.id


def test_what_models_take_is_what_their_functions_take():
    own = ("p", "share", "times", "decay", "beyond", "weighted", "groups", "spread")
    for spec in siting.MODELS.values():
        names = spec.solve.__wrapped__.__annotations__
        assert {name for name in own if name in names} == {
            name for name in own if name in spec.takes
        }, spec.id


def test_the_schema_names_the_model_of_the_register():
    assert SitingQuestion(kind="canteen", model="p_center", new=1).spec is siting.MODELS["p_center"]
