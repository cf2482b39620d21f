"""The notebooks run, and are kept without outputs."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from test_maps_notebook_frame import unpacked

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAPS = ("chengwan", "first_map")  # which end with one
# What notebooks read and compute alike is made once, as by `run_alike`.
MADE_ONCE = f"""
import sys
sys.path.append({str(ROOT / "tests")!r})
from support.alike import computing_once, reading_once
from planner import api, checking
checking.load.load_area = reading_once()
api.read_and_check = computing_once(api.read_and_check)
import gc
gc.freeze()  # each notebook begins by a reset, which looks through all there is, twice
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_kept(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.fixture(scope="module")
def kernel(browser):
    """One kernel for all notebooks: to begin one and load the planner takes longer than some."""
    browser.close()  # its event loop would be in the way
    first = NotebookClient(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(MADE_ONCE)]))
    with first.setup_kernel():
        execute(first.nb, first)
        yield first


def execute(notebook, kernel: NotebookClient) -> None:
    client = NotebookClient(notebook, timeout=300, km=kernel.km)
    client.kc = kernel.kc
    client.execute()


def begin_anew(kernel: NotebookClient, folder: Path) -> None:
    """Leave no name of an earlier notebook, and go to a folder."""
    cell = nbformat.v4.new_code_cell(f"%reset -f\nimport os\nos.chdir({str(folder)!r})\ndel os")
    execute(nbformat.v4.new_notebook(cells=[cell]), kernel)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path, kernel, tmp_path):
    begin_anew(kernel, tmp_path)
    notebook = nbformat.read(path, as_version=4)
    execute(notebook, kernel)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs for cell in code)
    assert len(nbformat.writes(notebook).encode()) < 3.5e6
    if path.stem in MAPS:
        assert "leaflet" in unpacked(code[-1].outputs[-1]["data"]["text/html"])


def test_each_leads_to_the_next_and_stands_in_the_readme():
    named = set(re.findall(r"notebooks/(\w+)\.ipynb", (ROOT / "README.md").read_text("utf-8")))
    assert named == {path.stem for path in NOTEBOOKS}
    for path in NOTEBOOKS:
        following = re.findall(r"\]\((\w+)\.ipynb\)", path.read_text("utf-8"))
        assert {path.stem, *following} <= named
