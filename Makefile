# make demo   the main job on the embedded district
# make test   every check and test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
WEB := planner/output/maps/web
TOOLS := $(WEB)/node_modules/.ready
# Keep compiled bytecode: else each process of the tests would compile the package and them again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo demos pictures page site test warm quick check coverage lowest other bench fuzz constraints clean

help:
	@sed -n 's/^# make/make/p' Makefile

# make demos  all three embedded and example cases that need no download
demo: $(READY)
	$(BIN)/planner demo chengwan --out maps/chengwan

demos: demo
	$(BIN)/planner demo helsinki --out maps/helsinki

# make pictures  the small pictures in maps/ again; DAAN=DIR names the folder with Da'an's files
pictures: $(READY)
	$(BIN)/python maps/pictures.py $(if $(DAAN),--daan $(DAAN))

# make page   the bundle of the map's script and the payload's types, from planner/output/maps/web (needs node)
page: $(READY) $(TOOLS)
	$(BIN)/python tests/support/payload_types.py
	cd $(WEB) && npm run --silent build

# make site   the documents and the references as a site, in site/; `python -m http.server -d site` shows it
site: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

test: check warm
	$(BIN)/pytest -n auto --dist loadgroup

# The engine is compiled once, and not by each worker of the tests at the same time.
warm: $(READY)
	$(BIN)/python -c 'import planner; planner.warm_up()'

# make quick  the fast rooms' tests, in one process: the inner loop, not a proof
QUICK := language errors crs coverage settings standards tables changes places docs
quick: $(READY)
	$(BIN)/pytest -q -k 'not test_examples_run' $(QUICK:%=tests/test_%.py)

# make check  style, types, floors and docstrings, without the tests; the map's script too where node is
check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff check --quiet --preview --select PLW1514 .  # the encoding of files: Windows has its own
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/numpydoc lint $(shell find planner -name '*.py' -not -path '*/node_modules/*')
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
	  echo "No node and npm here: the map's script is not checked; its bundle is used as it is."; test -z "$$CI"; \
	elif $(MAKE) --silent $(TOOLS); then cd $(WEB) && npm run --silent check; \
	else echo "The tools of the map's script cannot be fetched: it is not checked."; test -z "$$CI"; fi

# make coverage  every test again, with the lines and branches that none runs; compiled kernels aside
coverage: $(READY) warm
	$(BIN)/pytest -n auto --dist loadgroup -q --cov --cov-report=term --cov-report=html:build/coverage

# make lowest   these rooms' tests with the lowest versions that pyproject.toml promises, in .venv-lowest
LOWEST := language errors crs coverage settings standards tables changes places io area scenario \
  network network_modes siting siting_models capacity capacity_delivery comparison report maps api cli
lowest: .venv-lowest/ready
	NUMBA_CACHE_DIR=build/numba-lowest .venv-lowest/bin/python -m pytest -q $(LOWEST_WARN) $(LOWEST:%=tests/test_%.py)

# Old libraries warn of one another; that is theirs to mend.
LOWEST_WARN := -W default::DeprecationWarning -W default::FutureWarning -W default::PendingDeprecationWarning

.venv-lowest/ready: pyproject.toml
	rm -rf .venv-lowest
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct \
	  -e '.[report]' 'pytest>=8' 'hypothesis>=6.136'
	@touch $@

# make other    the demo and these rooms' tests with another Python: make other PYTHON=python3.13, in .venv-other
OTHER := $(LOWEST) cli_json stages plan_file report_pictures
SAME := plan.json summary.txt report.md map.html plan.planner
other: $(READY) demo
	rm -rf .venv-other
	$(PYTHON) -m venv .venv-other
	.venv-other/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	.venv-other/bin/planner demo chengwan --out build/other --fresh
	@for file in $(SAME); do \
	  diff -q -I '"python": ' maps/chengwan/$$file build/other/$$file || exit 1; done
	.venv-other/bin/python -m pytest -q $(OTHER:%=tests/test_%.py)

# make bench  speed and memory, as ratios to the peers; takes an hour and more
bench: .venv-bench/ready
	.venv-bench/bin/python benchmarks/network.py
	.venv-bench/bin/python benchmarks/siting.py --peers .venv-bench/bin/python
	.venv-bench/bin/python benchmarks/siting_median_center.py --peers .venv-bench/bin/python
	.venv-bench/bin/python benchmarks/siting_covering.py
	.venv-bench/bin/python benchmarks/siting_limits.py
	.venv-bench/bin/python benchmarks/capacity.py

.venv-bench/ready: pyproject.toml benchmarks/requirements.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt -e .
	@touch $@

# make fuzz  thousands of fresh random questions against plain oracles, and of spoilt inputs; hours
SEED ?= $(shell date +%s)
fuzz: $(READY)
	$(BIN)/python -m tests.fuzz.siting --questions 10000 --first $(SEED)
	$(BIN)/python -m tests.fuzz.siting --questions 2000 --first $(SEED) --large
	$(BIN)/python -m tests.fuzz.across --questions 1000 --first $(SEED)
	$(BIN)/python -m tests.fuzz.siting --questions 5000 --first $(SEED) --hurried
	PYTHONPATH=tests $(BIN)/python -W ignore -m tests.fuzz.inputs 5000 $(SEED)
	PLANNER_EXAMPLES=10 $(BIN)/pytest -q -n auto --dist loadgroup -m hypothesis

# make constraints  pin the newest versions that pass
constraints: $(READY)
	(head -1 constraints.txt; $(BIN)/pip freeze --exclude-editable) > constraints.new && mv constraints.new constraints.txt

# The tools of the map's script, in the versions of package.json; none runs a script of its own.
$(TOOLS): $(WEB)/package.json
	cd $(WEB) && npm install --silent --no-package-lock --no-audit --no-fund --ignore-scripts
	@touch $@

clean:
	rm -rf $(WEB)/node_modules $(VENV) .venv-bench .venv-lowest .venv-other build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "planner needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $(READY)
