# What there is to do. Every command sets up first what it needs, inside the checkout.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## list the commands
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1	\2/p' Makefile | expand -t 20

.PHONY: lab
lab: setup ## open JupyterLab on copies of the lessons, in my-lessons; PORT=8890, BROWSER=none and EDITION=ko choose
	@kernel/lab

.PHONY: html
html: setup ## run the lessons and make a web site of them in build/html; EXECUTE=no takes the outputs they have
	@kernel/run python site/build html $(if $(filter no,$(EXECUTE)),--no-execute) $(LESSON)

.PHONY: pdf
pdf: setup ## print the course into build/unroll.pdf, with Chromium or Chrome; EDITION=ko chooses the language
	@kernel/run python site/build pdf $(if $(EDITION),--edition $(EDITION))

.PHONY: notebooks
notebooks: setup ## run the lessons and keep their outputs in notebooks/; LESSON=gradient chooses
	@kernel/run python tools/notebooks execute $(LESSON)

.PHONY: ko
ko: setup ## bring the Korean edition up to date: po/ko, and notebooks/ko from it; LESSON=gradient runs that again, RUN=all all
	@kernel/run python tools/edition make ko $(if $(filter all,$(RUN)),--all) $(LESSON)

.PHONY: ko-status
ko-status: setup ## list what of the Korean edition is not translated, or no longer; LESSON=gradient has it all
	@kernel/run python tools/edition status ko $(LESSON)

.PHONY: renumber
renumber: setup ## number the lessons anew, in the order of their files' names, and all links to them
	@kernel/run python tools/notebooks renumber
	@kernel/run python tools/edition make ko

.PHONY: test
test: ## prove everything, the notebooks on the real kernel included
	@kernel/install --test
	@kernel/run python tools/runtests.py house

.PHONY: bench
bench: setup ## measure beside PyTorch, spago and go build, into build/bench.json; ONLY=layers, cells or lessons
	@kernel/run python tools/bench/bench.py $(if $(ONLY),--only $(ONLY))

.PHONY: grids
grids: setup ## compute the grids that lessons read, into notebooks/data; ONLY=long-memory-cue chooses
	@kernel/run go run ./tools/grids $(ONLY)

.PHONY: workshop
workshop: ## open a workshop for thirty: docker compose up, after looking whether it can
	@docker/check
	@docker compose up

.PHONY: collect
collect: ## gather what a workshop's participants have changed into build/workshop.zip; ALL=yes takes unchanged lessons too
	@mkdir -p build
	@docker compose run --rm --no-deps -T hub /srv/hub/workshop collect $(if $(filter yes,$(ALL)),all) > build/workshop.zip.part
	@mv build/workshop.zip.part build/workshop.zip
	@echo build/workshop.zip

.PHONY: remove
remove: ## remove a workshop and everyone's work in it, after asking
	@docker compose run --rm --no-deps hub /srv/hub/workshop remove
	@docker compose --profile solo down --volumes

.PHONY: load
load: ## have N=30 simulated participants work in the workshop that runs
	@docker compose exec -T hub /srv/hub/workshop load --people $(or $(N),30) $(LOAD)

.PHONY: test-workshop
test-workshop: ## prove the workshop on the real engine; it takes Docker and a quarter of an hour
	@kernel/install --test
	@kernel/run python tools/runtests.py workshop

.PHONY: test-all
test-all: ## prove everything and then the workshop
	@kernel/install --test
	@kernel/run python tools/runtests.py house workshop

.PHONY: setup
setup: ## set up what the lessons run on: .venv and .unroll
	@kernel/install

.PHONY: clean
clean: ## remove everything that make made, except my-lessons
	@kernel/install --clean
