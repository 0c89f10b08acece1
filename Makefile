.PHONY: run test format

run: ## Start the whole site on this machine
	./run

test: ## Run every check and test
	./test

format: ## Sort, format and mend what can be mended
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
