# Works as the first command on a fresh clone: each target makes what it needs.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup demo test test-fast soak lint format types imports check test-django6 dashboard-images first-hour-images bench bench-generator bench-migrate bench-dev bench-ide bench-dashboard bench-tasks clean

help: ## print what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## create .venv with both packages and all development tools

demo: $(READY) ## go from `jobgen new` to a finished job, step by step
	@$(BIN)/python examples/demo.py

test: $(READY) ## run every test, on real servers and in a real browser; options in ARGS="-k NAME"
	@$(BIN)/python tests/support/browser.py
	@$(BIN)/python tests/support/programs.py
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadgroup --durations=20 $(ARGS)

# Two for each processor, and two more: most tests wait for other programs most of the time, and on
# few processors all of them may wait at once.
PROCESSES := $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN) + 2)

# Folders of tests without worker processes, servers to crash or applications to install.
FAST := apply cli columns generate job_block naming project registration render schema types_file
FAST_RUNTIME := executor heartbeat retry

test-fast: $(READY) ## run the tests of pure code and the generator: under a minute on two cores
	@$(BIN)/python -m pytest -q -n auto $(addprefix tests/,$(FAST)) $(addprefix tests/runtime/,$(FAST_RUNTIME)) $(ARGS)

soak: $(READY) ## inject random faults under load for each kind of job; JOBGEN_SOAK_SECONDS=300 makes it longer
	@JOBGEN_SOAK_SECONDS=$${JOBGEN_SOAK_SECONDS:-60} $(BIN)/python -m pytest -m "soak or not soak" tests/reliability/test_soak.py

DJANGO6_VENV := .venv-django6

test-django6: ## run the tests of Django's Tasks with Django 6, and Django's own: PYTHON=python3.12
	@$(DJANGO6_VENV)/bin/python -c '' 2>/dev/null || $${PYTHON:-python3.12} -m venv --clear $(DJANGO6_VENV)
	@$(DJANGO6_VENV)/bin/python -m pip install --quiet "pip>=25.1"
	@$(DJANGO6_VENV)/bin/python -m pip install --quiet --editable "./runtime[binary,dashboard]" --editable . --group test "django>=6"
	@$(DJANGO6_VENV)/bin/python -m pytest -q tests/django/tasks $(ARGS)
	@$(DJANGO6_VENV)/bin/python tests/django/tasks/django_suite.py

lint: $(READY) ## check the style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) ## check types, strictly
	@$(BIN)/mypy

imports: $(READY) ## check which folder imports which
	@$(BIN)/lint-imports

check: lint types imports test ## run everything that CI runs

format: $(READY) ## fix what ruff can fix, and format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

dashboard-images: $(READY) ## take the pictures of the dashboard in README.md and docs/dashboard.md
	@$(BIN)/python tests/support/browser.py
	@PYTHONPATH=. $(BIN)/python docs/images/make_dashboard.py

first-hour-images: $(READY) ## take the pictures of docs/development.md, in a real session
	@$(BIN)/python tests/support/browser.py
	@PYTHONPATH=. $(BIN)/python docs/images/make_first_hour.py

bench-generator: $(READY) ## measure the generator against Copier and Django
	@$(BIN)/python -m pip install --quiet --constraint .ci/constraints.txt --group bench
	@$(BIN)/python benchmarks/generator.py

bench-migrate: $(READY) ## measure jobgen migrate against psql
	@$(BIN)/python benchmarks/migrate.py $(ARGS)

bench-dev: $(READY) ## measure how soon saved code runs under jobgen dev
	@$(BIN)/python benchmarks/dev.py $(ARGS)

bench-ide: $(READY) ## measure how soon the page of jobgen ide shows a plan
	@$(BIN)/python benchmarks/ide.py $(ARGS)

bench-dashboard: $(READY) ## measure the dashboard on ten million jobs, ten minutes; ARGS="--quick"
	@$(BIN)/python -m benchmarks.dashboard $(ARGS)

bench-tasks: $(READY) ## measure the backend for Django's Tasks against django-tasks-db; ARGS="--tasks 1000 --rounds 3"
	@$(BIN)/python -m pip install --quiet --constraint .ci/constraints.txt --group bench
	@$(BIN)/python benchmarks/django_tasks.py $(ARGS)

BENCH_VENV := benchmarks/.venv
BENCH_READY := $(BENCH_VENV)/.ready

bench: $(BENCH_READY) ## measure job queues against each other, about an hour; options in ARGS="--quick"
	@$(BENCH_VENV)/bin/python -m benchmarks.queues $(ARGS)

$(BENCH_READY): pyproject.toml runtime/pyproject.toml benchmarks/queues/install benchmarks/queues/package.json
	@benchmarks/queues/install
	@touch $(BENCH_READY)

$(READY): pyproject.toml runtime/pyproject.toml .ci/constraints.txt
	@.ci/install $(VENV)
	@touch $(READY)

clean: ## remove everything that the other targets created
	rm -rf $(VENV) $(DJANGO6_VENV) $(BENCH_VENV) benchmarks/queues/node_modules dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
