# Everything runs from .venv/, which scripts/bootstrap.sh makes at the first
# use from the pinned requirements. Make puts the variables of its command line
# into the scripts' environment, so that no shell reads their values.

.DEFAULT_GOAL := help
.PHONY: help demo build daily backfill check-source test test-faults test-athena \
    test-downstream test-all athena-start athena-stop lint format samples bench \
    bench-many-files bench-new-day bench-comparison bench-athena docs \
    docs-dictionary superset superset-import superset-bundle \
    superset-screenshots cost-report export report lock clean

PYTHON_OF_VENV := .venv/bin/python
BOOTSTRAP := @sh scripts/bootstrap.sh
RUN := @$(PYTHON_OF_VENV)

# Where make was called: the folder that relative paths start from. With -C
# make says so in its flags, and only then PWD is not the checkout.
export CALLED_FROM := \
    $(if $(findstring w,$(firstword $(MAKEFLAGS))),$(value PWD),$(CURDIR))

# Nor does make itself: a $ in a value of the command line is a $.
literal = $(eval override $1 := $$(value $1))$(eval export $1)
$(foreach name,$(.VARIABLES),\
    $(if $(filter command,$(origin $(name))),$(call literal,$(name))))

# What another Python put into the environment is not for the one in .venv.
unexport PYTHONHOME PYTHONPATH

help: ## Show what make can do
	@echo "Usage: make <target>"
	@echo
	@grep -E '^[a-z-]+:.*## ' Makefile \
	    | awk -F ':.*## ' '{ printf "  %-20s %s\n", $$1, $$2 }'
	@echo
	@echo "  make build CLOUDTRAIL_ROOT=<folder, file or s3://bucket/prefix>"
	@echo "      CLOUDTRAIL_DUCKDB_PATH=<file>  another database than"
	@echo "                                     cloudtrail_s3.duckdb"
	@echo "      FULL_REFRESH=1                 build everything anew"
	@echo "      VARS='{\"name\": \"value\"}'       variables of dbt_project.yml"
	@echo "  make backfill START=2024-01-01 END=2024-03-31, and the same settings"
	@echo "      DAYS=7                         log days of a chunk"
	@echo "      DRY_RUN=1                      tell what would be read"
	@echo "      TARGET=athena                  an output of profiles.yml"
	@echo "  make daily, with TARGET and the settings of build"
	@echo "      FRESHNESS=0                    do not ask how old the newest log is"
	@echo "  make export DEST=<folder>, and CLOUDTRAIL_DUCKDB_PATH"
	@echo "      TABLES='fct_s3_findings ...'   others than those of decisions"
	@echo "      START=2024-01-01 END=...       these days alone"

demo: ## Build everything on the bundled sample logs and show what was found
	$(BOOTSTRAP) run
	$(RUN) scripts/build.py demo

build: ## The same on your own logs: make build CLOUDTRAIL_ROOT=<folder>
	$(BOOTSTRAP) run
	$(RUN) scripts/build.py build

daily: ## Freshness, build and open findings, for a schedule
	$(BOOTSTRAP) run
	$(RUN) scripts/daily.py

backfill: ## Load a range of days in chunks: make backfill START=<day> END=<day>
	$(BOOTSTRAP) run
	$(RUN) scripts/backfill.py

export: ## Write tables as Parquet files: make export DEST=<folder>
	$(BOOTSTRAP) run
	$(RUN) scripts/export.py

report: ## Write one HTML file on the built tables: make report REPORT=<file>
	$(BOOTSTRAP) run
	$(RUN) scripts/report.py

cost-report: ## Tell what the last dbt build scanned on Athena, and its price
	$(BOOTSTRAP) run
	$(RUN) scripts/cost_report.py

check-source: ## Name log folders in S3 that the Athena table does not show
	$(BOOTSTRAP) run
	$(RUN) scripts/check_source.py

test: ## Run the tests but those of faults, local Athena and downstream
	$(BOOTSTRAP) dev
	$(RUN) -m pytest -n auto --dist loadfile \
	    -m "not fresh and not athena and not faults and not downstream"

test-faults: ## Kill runs, fill the disk, change files amid a run; on both engines
	$(BOOTSTRAP) dev
	$(RUN) -m pytest -n 2 --dist loadfile integration_tests/faults

test-athena: ## Run the tests on two local Athenas (4 GB of memory, Maven once)
	$(BOOTSTRAP) dev
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m athena \
	    integration_tests/athena local_athena/tests

test-downstream: ## Run what reads the tables: dashboards, schedules, metrics
	$(BOOTSTRAP) dev
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder \
	    integration_tests/downstream

test-all: ## Run all: kill runs at each statement, draw many more examples
	$(BOOTSTRAP) dev
	@CLOUDTRAIL_THOROUGH=1 $(PYTHON_OF_VENV) -m pytest

athena-start: ## Start a local Athena (local_athena/README.md)
	$(BOOTSTRAP) dev
	$(RUN) -m local_athena start

athena-stop: ## Stop it
	$(BOOTSTRAP) dev
	$(RUN) -m local_athena stop

lint: ## Check the style of SQL, YAML and Python
	$(BOOTSTRAP) dev
	@sh scripts/lint.sh

format: ## Write Python as lint wants it
	$(BOOTSTRAP) dev
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

samples: ## Write samples/logs anew
	$(BOOTSTRAP) run
	$(RUN) samples/generate.py

bench: ## Measure the build on generated logs (benchmarks/README.md)
	$(BOOTSTRAP) run
	$(RUN) -m benchmarks growth

bench-many-files: ## The same on 100,000 small files
	$(BOOTSTRAP) run
	$(RUN) -m benchmarks many-files

bench-new-day: ## Measure one new day on long histories
	$(BOOTSTRAP) run
	$(RUN) -m benchmarks new-day

bench-comparison: ## Measure the project beside other tools
	$(BOOTSTRAP) run
	$(RUN) -m benchmarks comparison

bench-athena: ## Count the bytes that questions scan on a local Athena
	$(BOOTSTRAP) dev
	$(RUN) benchmarks/athena_bytes.py

docs: ## Write the documentation site to target/docs/static_index.html
	$(BOOTSTRAP) run
	$(RUN) scripts/document.py

docs-dictionary: ## Write docs/data-dictionary.md and docs/rules.md
	$(BOOTSTRAP) run
	$(RUN) scripts/data_dictionary.py

superset: ## Start a Superset that shows the dashboards (bi/superset/README.md)
	$(BOOTSTRAP) run
	$(BOOTSTRAP) superset
	$(RUN) scripts/superset_server.py

superset-import: ## Bring the dashboards into the Superset at SUPERSET_URL
	$(BOOTSTRAP) run
	$(RUN) scripts/superset_import.py

superset-bundle: ## Write bi/superset from scripts/superset_dashboards.py
	$(BOOTSTRAP) run
	$(RUN) scripts/superset_bundle.py

superset-screenshots: ## Write docs/images/superset-*.png
	$(BOOTSTRAP) dev
	@SUPERSET_SCREENSHOTS=1 $(PYTHON_OF_VENV) -m pytest \
	    integration_tests/downstream/test_superset.py -k numbers_of_the_requests

lock: ## Resolve the pinned requirements anew
	$(BOOTSTRAP) dev
	@sh scripts/lock.sh

clean: ## Remove what was made: .venv, target, logs, caches and the demo
	rm -rf .venv .venv-* .superset target logs dbt_packages .pytest_cache .ruff_cache .hypothesis
	rm -f cloudtrail_s3_demo.duckdb cloudtrail_s3_demo.duckdb.wal \
	    cloudtrail_s3_demo.report.html
