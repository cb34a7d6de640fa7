# make plan   sets everything up, then plans the embedded network into plan/
# make test   sets everything up, then runs the tests with their coverage
# make docs   sets everything up, then builds the documentation into build/site, warnings as errors, notebooks executed
# make newest, make oldest  run the tests that meet libraries with the newest, and with the oldest, of all that pyproject.toml
#             allows, in environments of their own in build/, from the network
# make bench  sets everything up, then measures speed, for up to 25 minutes (BENCH=--quick: 4), into docs/benchmarks.md;
#             BENCH="--peer COMMAND" measures a public code beside it, mcfcg, built elsewhere
#
# Everything lands in .venv. Packages are kept in $(WHEELS), so a second set-up, of any checkout, needs no network.

PYTHON ?= python3
WHEELS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/corridors/wheels
PIP = .venv/bin/python -m pip --disable-pip-version-check --quiet
BUILD = hatchling editables

.PHONY: plan test lint newest oldest docs pictures bench clean
.DELETE_ON_ERROR:

plan: .venv/ready-to-run
	.venv/bin/corridors plan --out plan --force

test: .venv/ready-to-test
	.venv/bin/python -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered --cov-fail-under=90

lint: .venv/ready-to-test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/python tools/translations.py --check

newest oldest: .venv/ready-to-test
	.venv/bin/python tools/environments.py $@

# Sixteen parts, however few cores: notebooks are neighbours, and of few parts one would run them all, one after another.
docs: .venv/ready-for-docs
	.venv/bin/python -m sphinx -j 16 -W --keep-going -n -E -d build/doctrees -b html docs build/site

# The pictures of README, from a fresh plan.
pictures: .venv/ready-to-test
	.venv/bin/python tools/pictures.py

bench: .venv/ready-to-bench
	.venv/bin/python -m benchmarks.run $(BENCH)

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12))' || { \
	  echo "This needs Python 3.12 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1 | cut -d" " -f2): name another with make PYTHON=python3.13." >&2; exit 1; }
	@rm -rf .venv && $(PYTHON) -m venv .venv && touch $@

# Wheels that were kept are enough, or all that are missing are fetched and kept.
define install
	@mkdir -p "$(WHEELS)"
	@$(PIP) install --no-index --find-links "$(WHEELS)" -c constraints.txt $(1) $(BUILD) >/dev/null 2>&1 || { \
	  echo "Fetching packages into $(WHEELS)"; \
	  $(PIP) download -d "$(WHEELS)" -c constraints.txt $(1) $(BUILD) && \
	  $(PIP) install --no-index --find-links "$(WHEELS)" -c constraints.txt $(1) $(BUILD); }
	@$(PIP) install --no-index --no-build-isolation --no-deps --editable .
	@touch $@
endef

.venv/ready-to-run: .venv/made pyproject.toml constraints.txt
	$(call install,$(shell .venv/bin/python tools/requirements.py))

.venv/ready-to-test: .venv/made pyproject.toml constraints.txt
	$(call install,$(shell .venv/bin/python tools/requirements.py dev))

.venv/ready-for-docs: .venv/made pyproject.toml constraints.txt
	$(call install,$(shell .venv/bin/python tools/requirements.py docs))

.venv/ready-to-bench: .venv/made pyproject.toml constraints.txt
	$(call install,$(shell .venv/bin/python tools/requirements.py bench))

clean:
	rm -rf .venv plan build dist docs/notebooks
