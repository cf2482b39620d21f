"""Tables and queries of DuckDB and of PostgreSQL with PostGIS, as a bureau's servers hold them."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import duckdb
import psycopg
import pytest
import shapely

from planner import api
from planner.district.reading import standing
from planner.district.reading.read import read_raw
from planner.draft.folder import look
from planner.errors import PlannerError, Problems
from planner.settings import Source

FEW = ["siting=[]", "links=[]"]


def read(folder, **keys):
    problems = Problems()
    return read_raw(Source(**keys), folder, problems), [one.key for one in problems.found]


def rows_of(toy):
    """The communities as rows: id, name, population, WKB."""
    own = toy.communities
    shapes = [shapely.to_wkb(shape) for shape in own.geometry]
    return list(zip(own["id"], own["name"], own["street"], own["population"], shapes, strict=True))


@pytest.fixture
def duck(toy, tmp_path):
    """A file of DuckDB with communities, streets and a table without shapes."""
    path = tmp_path / "bureau.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute(
            "CREATE TABLE communities (id TEXT, name TEXT, street TEXT, population INT, geom BLOB)"
        )
        base.executemany("INSERT INTO communities VALUES (?, ?, ?, ?, ?)", rows_of(toy))
        base.execute("CREATE TABLE streets (name TEXT, geom BLOB)")
        lines = [(row["name"], shapely.to_wkb(row.geometry)) for _, row in toy.streets.iterrows()]
        base.executemany("INSERT INTO streets VALUES (?, ?)", lines)
        base.execute("CREATE SCHEMA lists")
        base.execute("CREATE TABLE lists.notes (a INT)")
    return path


def test_a_table_of_duckdb_is_read(toy, duck, tmp_path):
    raw, problems = read(tmp_path, file=duck.name, layer="communities", crs="EPSG:4549")
    assert problems == []
    assert raw.frame["name"].tolist() == toy.communities["name"].tolist()
    assert raw.frame.index.tolist() == [1, 2, 3, 4, 5, 6]
    there = toy.communities.geometry
    assert raw.frame.geometry.reset_index(drop=True).geom_equals(there).all()


def test_a_query_of_duckdb_is_read(duck, tmp_path):
    query = "SELECT name, population * 2 AS population, geom FROM communities WHERE id < 'C';"
    raw, problems = read(tmp_path, file=duck.name, query=query, crs="EPSG:4549")
    assert problems == []
    assert raw.frame["population"].tolist() == [300, 240]


def test_duckdb_is_named_by_the_environment_too(duck, tmp_path, monkeypatch):
    asked = {"file": "database:OUR_DATABASE", "layer": "communities", "crs": "EPSG:4549"}
    assert read(tmp_path, **asked)[1] == ["io.no_connection"]
    monkeypatch.setenv("OUR_DATABASE", str(duck))
    raw, problems = read(tmp_path, **asked)
    assert (problems, len(raw.frame)) == ([], 6)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, "io.which_table"),
        ({"layer": "comunities"}, "io.no_layer"),
        ({"layer": "communities", "query": "SELECT 1"}, "io.table_and_query"),
        ({"query": "SELECT nothing FROM communities"}, "io.database"),
        ({"query": "DELETE FROM communities"}, "io.database"),
        ({"query": "SELECT * FROM read_csv('secret.csv')"}, "io.database"),
        ({"query": "SELECT 1) AS a; COPY communities TO 'stolen.csv'; SELECT (1"}, "io.database"),
        ({"query": "SELECT * FROM communities WHERE false"}, "io.empty"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(duck, tmp_path, monkeypatch, keys, problem):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    before = sorted(tmp_path.iterdir())
    assert read(tmp_path, file=duck.name, crs="EPSG:4549", **keys)[1] == [problem]
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / "a.duckdb").write_bytes(b"SQLite format 3\x00" + bytes(100))
    assert read(tmp_path, file="a.duckdb")[1] == ["io.unreadable"]
    (tmp_path / "a.csv").write_text("a\n1\n")
    assert read(tmp_path, file="a.csv", query="SELECT 1")[1] == ["io.query_needs_database"]


def test_a_plan_comes_from_duckdb(toy, duck, tmp_path):
    path = toy.write(tmp_path)
    text = path.read_text("utf-8")
    for name in ("communities", "streets"):
        new = f'file = "{duck.name}"\nlayer = "{name}"\ncrs = "EPSG:4549"'
        text = text.replace(f'file = "{name}.gpkg"', new)
    path.write_text(text, "utf-8")
    there = api.run(path, set=FEW).summary()
    toy.write(tmp_path)
    assert there.equals(api.run(path, set=FEW).summary())


def test_a_result_of_a_server_is_never_taken_for_unchanged(toy, tmp_path):
    path = toy.write(tmp_path)
    assert standing.made_of(path) is not None
    text = path.read_text("utf-8").replace("demand.csv", "database:OUR_DATABASE")
    path.write_text(text, "utf-8")
    assert standing.made_of(path) is None


def test_a_folder_shows_each_table_of_duckdb(duck):
    found = {table.layer: table.shape for table in look(duck.parent).tables}
    assert found == {"communities": "polygon", "streets": "line"}


def _binaries():
    """Where the programs of a PostgreSQL with PostGIS lie, as Debian installs them."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        version = folder.parent.name
        if Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists():
            return folder
    return None


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A PostgreSQL server of the test's own, on a loopback port, as a user that may run one."""
    programs = _binaries()
    if programs is None:
        pytest.skip("no PostgreSQL with PostGIS here: apt install postgresql postgis")
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    prefix = as_user if os.geteuid() == 0 else []
    folder = tmp_path_factory.mktemp("server")
    shared = Path(tempfile.gettempdir())
    for above in (folder, *folder.parents):
        if above in (shared, shared.resolve(), Path("/")):
            break
        above.chmod(0o755)  # the server's user has to get in
    home = folder / "data"
    home.mkdir()
    if prefix:
        shutil.chown(home, user, user)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    start = ["-A", "trust", "-U", "planner", "-E", "UTF8", "--no-locale", "-N"]
    subprocess.run([*prefix, programs / "initdb", "-D", home, *start], check=True, cwd="/",
                   stdout=subprocess.DEVNULL)  # fmt: skip
    options = f"-p {port} -h 127.0.0.1 -k {home} -F"
    control = [*prefix, programs / "pg_ctl", "-D", home, "-w", "-l", home / "log"]
    subprocess.run([*control, "-o", options, "start"], check=True, cwd="/",
                   stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        said = f"postgresql://planner@127.0.0.1:{port}/postgres"
        with psycopg.connect(said, autocommit=True) as base:
            base.execute("CREATE EXTENSION postgis")
        yield said
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd="/",
                       stdout=subprocess.DEVNULL)  # fmt: skip


@pytest.fixture(scope="module")
def bureau(server):
    """A server with the toy city's communities and streets, and the name of its connection."""
    from conftest import make_toy  # noqa: PLC0415

    toy = make_toy()
    with psycopg.connect(server, autocommit=True) as base:
        base.execute(
            "CREATE TABLE communities (id text, name text, street text, population numeric, "
            "geom geometry(Polygon, 4549))"
        )
        put = "INSERT INTO communities VALUES (%s, %s, %s, %s, ST_GeomFromWKB(%s, 4549))"
        with base.cursor() as cursor:
            cursor.executemany(put, rows_of(toy))
            base.execute("CREATE TABLE streets (name text, geom geometry)")
            lines = [
                (row["name"], shapely.to_wkb(row.geometry)) for _, row in toy.streets.iterrows()
            ]
            cursor.executemany("INSERT INTO streets VALUES (%s, ST_GeomFromWKB(%s, 4549))", lines)
    return server


@pytest.fixture
def connected(bureau, monkeypatch):
    monkeypatch.setenv("OUR_DATABASE", bureau)
    return "database:OUR_DATABASE"


def test_a_table_of_postgis_is_read_in_its_own_reference_system(toy, connected, tmp_path):
    raw, problems = read(tmp_path, file=connected, layer="communities")
    assert problems == []
    assert raw.crs == "EPSG:4549"
    assert raw.frame["name"].tolist() == toy.communities["name"].tolist()
    assert raw.frame["population"].tolist() == toy.communities["population"].tolist()
    assert raw.frame.geometry.reset_index(drop=True).geom_equals(toy.communities.geometry).all()
    assert len(raw.sha256) == 64


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, "io.which_table"),
        ({"layer": "comunities"}, "io.no_layer"),
        ({"query": "DROP TABLE communities"}, "io.database"),
        ({"query": "SELECT 1) AS a; DROP TABLE communities; SELECT * FROM (SELECT 1"},
         "io.database"),
        ({"query": "SELECT 1) AS a LIMIT 0; COMMIT; DROP TABLE communities; --"}, "io.database"),
        ({"query": "WITH gone AS (DELETE FROM communities RETURNING *) SELECT * FROM gone"},
         "io.database"),
        ({"query": "SELECT name, ST_SetSRID(geom, (4549 + (id = 'A')::int)) AS geom "
                   "FROM communities"}, "io.mixed_srid"),
    ],
)  # fmt: skip
def test_a_server_is_only_read(connected, bureau, tmp_path, keys, problem):
    assert read(tmp_path, file=connected, **keys)[1] == [problem]
    with psycopg.connect(bureau) as base:
        assert base.execute("SELECT count(*) FROM communities").fetchone() == (6,)


def test_a_plan_comes_from_postgis(toy, connected, tmp_path):
    path = toy.write(tmp_path)
    text = path.read_text("utf-8")
    text = text.replace('file = "communities.gpkg"', f'file = "{connected}"\nlayer = "communities"')
    query = 'query = "SELECT name, geom FROM streets"'
    text = text.replace('file = "streets.gpkg"', f'file = "{connected}"\n{query}')
    path.write_text(text, "utf-8")
    plan = api.run(path, set=FEW)
    toy.write(tmp_path)
    assert plan.summary().equals(api.run(path, set=FEW).summary())
    record = (api.save(plan, tmp_path / "out", outputs=("record",)) / "plan.json").read_text(
        "utf-8"
    )
    assert os.environ["OUR_DATABASE"] not in record


@pytest.mark.parametrize(
    "said",
    [
        "postgresql://me:hidden@127.0.0.1:9/none",
        "postgresql://me:x/hidden@127.0.0.1:9/none",  # a stroke ends the address too early
        "postgresql://me:hidden@127.0.0.1:hidden/none",
        "host=127.0.0.1 port=9 password=hidden nonsense=hidden",
    ],
)
def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path, monkeypatch, said):
    monkeypatch.setenv("OUR_DATABASE", said)
    problems = Problems()
    raw = read_raw(Source(file="database:OUR_DATABASE", layer="a"), tmp_path, problems)
    assert raw is None
    (told,) = problems.found
    assert told.key == "io.database"
    assert "hidden" not in told.say("en")


def test_a_scenario_names_the_variable_that_is_missing(toy, tmp_path):
    path = toy.write(tmp_path)
    text = path.read_text("utf-8").replace('"streets.gpkg"', '"database:NOT_SET"')
    path.write_text(text, "utf-8")
    with pytest.raises(PlannerError) as caught:
        api.check(path)
    assert ("io.no_connection", "NOT_SET") in [
        (one.key, one.value) for one in caught.value.problems
    ]
