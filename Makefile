# What there is to do. Every command sets up first what it needs, inside the checkout.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## list the commands
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1	\2/p' Makefile | expand -t 18

.PHONY: lab
lab: setup ## open JupyterLab on the lessons; PORT=8890 and BROWSER=none choose
	@kernel/lab

.PHONY: html
html: setup ## run the lessons and make a web site of them in build/html
	@kernel/run python internal/notebooks html

.PHONY: notebooks
notebooks: setup ## run the lessons and keep their outputs in notebooks/
	@kernel/run python internal/notebooks execute

.PHONY: test
test: ## prove everything, the notebooks on the real kernel included
	@kernel/install --test
	@kernel/run python internal/runtests.py

.PHONY: setup
setup: ## set up what the lessons run on: .venv and .unroll
	@kernel/install

.PHONY: clean
clean: ## remove everything that make made
	@kernel/install --clean
