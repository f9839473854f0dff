# Every command sets up what it needs first; setting up twice costs a second.
PYTHON := .venv/bin/python
# the last two: nginx and Mosquitto lie there, where a user who is not root does not look
export PATH := $(CURDIR)/.venv/bin:$(PATH):/usr/sbin:/sbin
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-check scale-demo demo-year test test-long lint audit bench screens translations

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages, Python and front-end packages, fonts, catalogues
	@.ci/setup

demo: setup ## run the whole system on sample lessons; prints the addresses and what to try
	@$(PYTHON) -m tests.demo

demo-check: setup ## the same, unattended: sign three people in, check the report, leave pictures in var/demo
	@$(PYTHON) -m tests.demo --check

scale-demo: setup ## two of everything on this machine: 610 televisions, one of each pair killed, both books compared
	@$(PYTHON) -m tests.demo.scale

demo-year: setup ## a year of 326 villages to read reports of, imagined and labelled so; takes some minutes
	@$(PYTHON) -m tests.demo.year

test: lint ## all checks and tests; evenings with a real television have the machine to themselves
	@$(PYTHON) -m pytest -m "not e2e and not long"
	@$(PYTHON) -m pytest -m "e2e and not long" -n 0

test-long: setup ## endurances and further variants, before a release
	@$(PYTHON) -m pytest -m "long and not e2e"
	@$(PYTHON) -m pytest -m "long and e2e" -n 0

lint: setup ## format, ruff, mypy strict, import law, catalogues
	@ruff format --check .
	@ruff check .
	@mypy
	@lint-imports --cache-dir .import_linter_cache
	@npm run --silent lint
	@$(PYTHON) -m tests.lint_catalogues

audit: setup ## asks osv.dev for known weaknesses of the pinned packages (needs a network); lists them in var/sbom.json
	@pip-audit --requirement requirements.txt --no-deps --disable-pip --vulnerability-service osv --format cyclonedx-json --output var/sbom.json
	@echo "No known weakness; the packages are listed in var/sbom.json"

bench: setup ## benchmarks: a table, and var/bench/results.json
	@$(PYTHON) -m tests.benchmarks

screens: setup ## pictures of every television screen in var/screens, and the kept ones in docs/screens
	@rm -rf var/screens
	@SDL_VIDEODRIVER=offscreen $(PYTHON) -m tvclient.ui.gallery --out var/screens
	@$(PYTHON) -m tests.keep_screens var/screens

translations: setup ## collect new strings into the catalogues of both programs
	@pybabel --quiet extract -F babel.cfg -k lazy_gettext --no-location -o var/messages.pot .
	@pybabel --quiet update --no-fuzzy-matching --ignore-obsolete -i var/messages.pot -d contentserver/translations -D messages
	@pybabel --quiet extract -k _ -k _n:1,2 --no-location -o var/tvclient.pot tvclient/ui
	@pybabel --quiet update --no-fuzzy-matching --ignore-obsolete -w 120 -i var/tvclient.pot -d tvclient/translations -D tvclient
