# From raw data to the report: `make all`. Every goal: `make help`.
#
# Who decides what: Make gives order and parallelism; whether a node is up to date is decided by
# content, never by time. While this file is read, one program compares every node with its record
# and deletes the stamp of each that differs (pipeline/make/prepare); Make then calls the stages
# without a stamp and those after them, and each of them does nothing if its own inputs are the same.

ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error GNU Make 4.3 or newer is needed, and this is $(MAKE_VERSION). On macOS: brew install make, then call gmake)
endif

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory --silent
.DELETE_ON_ERROR:

# Experiments are the folders of configs. A node that mnist lacks is looked for in attacks, which has
# every attack: make attack-cw-l0. Then in the others.
EXPERIMENTS := $(notdir $(patsubst %/,%,$(sort $(dir $(wildcard pipeline/*/visualize.json)))))
WANTED := $(filter fetch-% train-% sample-% predict-% attack-% transfer-%,$(MAKECMDGOALS))
nodes = $(patsubst pipeline/$(1)/%.json,%,$(sort $(wildcard pipeline/$(1)/*.json)))
EXPERIMENT ?= $(or $(firstword $(foreach e,mnist attacks $(EXPERIMENTS),$(if $(filter-out $(call nodes,$e),$(WANTED)),,$e))),mnist)
ARTIFACTS ?= artifacts
BIN ?= .build/release
# SKIP_BUILD=1 takes the programs in BIN as they are.
SKIP_BUILD ?=
# Values for keys of configs, for one run: make all SET="train-mlp.epochs=3 train-mlp.seed=2". Those of
# the ImageNet experiment have names of their own.
SET =
MODEL =
WEIGHTS =
IMAGES =
quoted = '$(subst ','\'',$(1))'
SETTINGS = $(foreach s,$(SET),--set $(call quoted,$s)) \
	$(if $(MODEL),--set $(call quoted,fetch-network.network=$(MODEL))) \
	$(if $(WEIGHTS),--set $(call quoted,fetch-network.weights=$(WEIGHTS))) \
	$(if $(IMAGES),--set $(call quoted,fetch-imagenet.folder=$(IMAGES)))
SWIFT_BUILD = swift build -c release --explicit-target-dependency-import-check error

# A node is a config: pipeline/mnist/attack-fgsm.json is attack-fgsm, made by stage-attack.
NODES := $(call nodes,$(EXPERIMENT))
FETCH := $(filter fetch-%,$(NODES))
TRAIN := $(filter train-%,$(NODES))
SAMPLE := $(filter sample-%,$(NODES))
PREDICT := $(filter predict-%,$(NODES))
ATTACK := $(filter attack-%,$(NODES))
TRANSFER := $(filter transfer-%,$(NODES))
SHOW := $(filter visualize,$(NODES))
UNKNOWN := $(filter-out $(FETCH) $(TRAIN) $(SAMPLE) $(PREDICT) $(ATTACK) $(TRANSFER) $(SHOW),$(NODES))

STAMPS := $(ARTIFACTS)/.make/$(EXPERIMENT)
BUILT := $(if $(SKIP_BUILD),,.build/mirage.built)
# Where a failing stage leaves its message; named by this make, so that two may run at once.
FAILURE := $(ARTIFACTS)/.make/failure.$(shell echo $$PPID)
TOOL = $(BIN)/pipeline-tool --out $(ARTIFACTS) --experiment $(EXPERIMENT) $(SETTINGS)
stamp = $(addprefix $(STAMPS)/,$(1))

GOALS := $(or $(MAKECMDGOALS),all)
ifneq ($(filter all $(NODES) why plan dag verify lock gc open bench,$(GOALS)),)
ifeq ($(NODES),)
$(error There is no experiment pipeline/$(EXPERIMENT)/; there are: $(notdir $(patsubst %/,%,$(sort $(dir $(wildcard pipeline/*/*.json))))))
endif
ifneq ($(UNKNOWN),)
$(error No stage makes $(UNKNOWN): a config is named fetch-, train-, sample-, predict-, attack- or transfer-something, or visualize)
endif
odd := $(foreach s,$(SET),$(if $(filter $(firstword $(subst ., ,$s)),$(NODES)),,$s))
ifneq ($(odd),)
$(error SET="$(odd)" is for no node of $(EXPERIMENT), which has: $(NODES))
endif
ifneq ($(and $(MODEL)$(WEIGHTS)$(IMAGES),$(if $(filter fetch-imagenet,$(NODES)),,x)),)
$(error MODEL, WEIGHTS and IMAGES are for photographs: make imagenet IMAGES=folder)
endif
# The digest of all sources, also when nothing is built; `stale` stamps are gone after this.
SOURCES := $(shell pipeline/make/prepare '$(BUILT)' '$(STAMPS)' '$(FAILURE)' $(TOOL))
endif

.PHONY: all deps test why plan dag verify lock gc clean bench classes format open help $(NODES) $(EXPERIMENTS)

# A failed stage is no error to Make until the end: then its message is Make's last word, also
# when other stages were still running. Expanded when all prerequisites are done.
finish = $(if $(file <$(FAILURE)),$(error $(file <$(FAILURE))))

## all: everything, up to artifacts/report.html
all: $(call stamp,$(NODES))
	$(finish)$(info $(EXPERIMENT) is up to date in $(ARTIFACTS)/)

## <experiment>: everything of that experiment: make attacks, make mnist-cnn
$(EXPERIMENTS):
	$(MAKE) all EXPERIMENT=$@

## imagenet: photographs and a network trained on ImageNet (yours by IMAGES=folder MODEL=vgg16 WEIGHTS=file)
## <node>: that node and what it needs, and its figures (make attack-fgsm)
$(NODES): %: $(STAMPS)/%
	$(finish)
	$(TOOL) show --node $@

$(call stamp,$(TRAIN) $(SAMPLE)): $(call stamp,$(FETCH))
$(call stamp,$(PREDICT) $(ATTACK)): $(call stamp,$(FETCH) $(TRAIN) $(SAMPLE))
$(call stamp,$(TRANSFER)): $(call stamp,$(FETCH) $(TRAIN) $(SAMPLE) $(ATTACK))
$(call stamp,$(SHOW)): $(call stamp,$(FETCH) $(TRAIN) $(SAMPLE) $(PREDICT) $(ATTACK) $(TRANSFER))

$(call stamp,$(NODES)): $(STAMPS)/%: $(BUILT)
	JOBS='$(filter -j%,$(MAKEFLAGS))' GOALS='$(GOALS)' ATTACKS='$(words $(ATTACK))' THREADS='$(THREADS)' \
	pipeline/make/run $* $@ $(FAILURE) $(BIN) --config pipeline/$(EXPERIMENT)/$*.json --out $(ARTIFACTS) $(SETTINGS)

# One build for all programs, when the content of the sources has changed. A `touch` changes none.
.build/mirage.built:
	pipeline/make/deps
	echo 'building: $(SWIFT_BUILD)'
	$(SWIFT_BUILD)
	echo '$(SOURCES)' > $@

## deps: install the system libraries that are missing
deps:
	pipeline/make/deps

## test: the whole test suite
test: deps
	echo 'swift test $(TESTFLAGS)'
	swift test $(TESTFLAGS)

## why: for each node, fresh or stale, and what differs
## plan: what `make all` would do
## dag: who reads from whom
## verify: hash every artifact again and compare with pipeline/<experiment>.lock
## lock: write that file
## gc: free the objects that nothing names
why plan dag verify lock gc: $(BUILT)
	$(TOOL) $@ $(if $(DOT),--dot)

## open: the report, in a browser
open: all
	$$(command -v xdg-open || command -v open) $(ARTIFACTS)/report$(if $(filter-out mnist,$(EXPERIMENT)),-$(EXPERIMENT)).html

## bench: our figures beside those of PyTorch (ONLY="conv pgd": those sections)
bench: $(BUILT)
	$(BIN)/bench $(ONLY)

## clean: delete all artifacts
clean:
	pipeline/make/clean $(ARTIFACTS)

## classes: the numbers of ImageNet's classes whose names hold a word (NAME=retriever)
classes:
	sed -n 's/^ *"\([0-9]*\)": "\(.*\)",*$$/\1  \2/p' data/imagenet/labels.json | grep -iF -- $(call quoted,$(NAME)) \
		|| { echo no class of ImageNet has $(call quoted,“$(NAME)”) in its name >&2; exit 1; }

## format: lay out all Swift sources
format:
	swift format -i -r Sources Tests

## help: this list
help:
	sed -n 's/^## //p' Makefile | awk '{ at = index($$0, ": "); printf "%-12s %s\n", substr($$0, 1, at - 1), substr($$0, at + 2) }'
	echo 'Experiments: $(EXPERIMENTS)'
	echo 'Nodes of $(EXPERIMENT): $(NODES)'
	echo 'Variables: EXPERIMENT=$(EXPERIMENT) THREADS= ARTIFACTS=$(ARTIFACTS) BIN=$(BIN) SKIP_BUILD= SET= MODEL= WEIGHTS= IMAGES= TESTFLAGS= DOT='
