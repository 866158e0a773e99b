# Works as the first command on a fresh clone: each target makes what it needs.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test soak lint format types imports check bench bench-generator clean

demo: $(READY) ## from `jobgen new` to a finished job, step by step
	@$(BIN)/python examples/demo.py

test: $(READY) ## every test, on real servers and in a real browser
	@$(BIN)/python tests/support/browser.py
	@$(BIN)/python tests/support/debian.py
	@$(BIN)/python -m pytest -n auto --dist loadgroup

soak: $(READY) ## random faults under load, then the books are balanced
	@JOBGEN_SOAK_SECONDS=$${JOBGEN_SOAK_SECONDS:-60} $(BIN)/python -m pytest -m "soak or not soak" tests/reliability/test_soak.py

lint: $(READY) ## style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) ## strict types
	@$(BIN)/mypy

imports: $(READY) ## which folder may import which
	@$(BIN)/lint-imports

check: lint types imports test ## all that CI runs

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench-generator: $(READY) ## the generator's speed beside Copier's and Django's
	@$(BIN)/python -m pip install --quiet --constraint .ci/constraints.txt --group bench
	@$(BIN)/python benchmarks/generator.py

BENCH_VENV := benchmarks/.venv
BENCH_READY := $(BENCH_VENV)/.ready

bench: $(BENCH_READY) ## job queues beside each other, about an hour; options in ARGS="--quick"
	@$(BENCH_VENV)/bin/python -m benchmarks.queues $(ARGS)

$(BENCH_READY): pyproject.toml runtime/pyproject.toml benchmarks/queues/install benchmarks/queues/package.json
	@benchmarks/queues/install
	@touch $(BENCH_READY)

$(READY): pyproject.toml runtime/pyproject.toml .ci/constraints.txt
	@.ci/install $(VENV)
	@touch $(READY)

clean: ## everything that the other targets made
	rm -rf $(VENV) $(BENCH_VENV) benchmarks/queues/node_modules dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
