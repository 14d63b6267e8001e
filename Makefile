# From raw data to the report: `make all`. Every goal: `make help`.
#
# Who decides what: Make gives order and parallelism; whether a node is up to date is decided by
# content, never by time. While this file is read, one program compares every node with its record
# and writes the graph as rules, which are included here (pipeline/make/prepare); Make then calls the
# stages that have work to do and those after them. At the end content has the last word again
# (pipeline/make/finish).

ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error GNU Make 4.3 or newer is needed, and this is $(MAKE_VERSION). On macOS: brew install make, then call gmake)
endif

# Under -n and -q nothing is built, run or said to be done.
DRY := $(or $(findstring n,$(firstword -$(MAKEFLAGS))),$(findstring q,$(firstword -$(MAKEFLAGS))))
KEEP := $(findstring k,$(firstword -$(MAKEFLAGS)))
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory --silent

# A variable is taken from the command line, or from the environment as MIRAGE_<name> (REQUIRE as it is: what it names,
# browser, node or campaign, or 1 for all, is not left out of the tests because this machine cannot do it). Its value is
# never expanded by Make nor read by a shell as anything but a value: programs get it by the environment.
VARIABLES := EXPERIMENT ARTIFACTS BIN SKIP_BUILD THREADS SET MODEL WEIGHTS IMAGES DATA CLASSES PIXELS SIZE NORM EPSILONS NODE NAME DOT ONLY A B GATE PARTIAL TESTFLAGS REQUIRE
is_given = $(filter command,$(firstword $(origin $(1))))
given = $(if $(is_given),$(value $(1)),$(value $(if $(filter REQUIRE,$(1)),,MIRAGE_)$(1)))
odd := $(strip $(foreach v,$(.VARIABLES),$(if $(call is_given,$v),$(filter-out $(VARIABLES),$v))))
ifneq ($(odd),)
$(error There is no variable $(odd); there are: $(VARIABLES))
endif
$(foreach v,$(VARIABLES),$(eval override $v := $$(call given,$v)))
define newline


endef
$(foreach v,$(VARIABLES),$(if $(findstring $(newline),$($v)),$(error $v has a line break in it, which no name here may have)))
override ARTIFACTS := $(or $(ARTIFACTS),artifacts)
override BIN := $(or $(BIN),.build/release)
GOALS := $(or $(MAKECMDGOALS),all)
# The goals that are no node and no experiment.
COMMANDS := all deps test campaign why plan config schemas dag verify lock gc clean compare bench catalogue classes format open help
# Where failing stages of this call leave their messages; made only when there is one.
FAILURES := $(shell mktemp -u /tmp/mirage-failures.XXXXXXXXXXXX)
export $(VARIABLES) GOALS COMMANDS FAILURES
quoted = '$(subst ','\'',$(1))'
environment = $(foreach v,$(VARIABLES) GOALS COMMANDS FAILURES DRY KEEP,$v=$(call quoted,$($v)))

# The graph, unless only these goals are asked for: a file of rules, which has EXPERIMENT, EXPERIMENTS, NODES, those
# of them that are BUSY, the name of the REPORT, and a rule run.<node> for each (pipeline/make/prepare).
ifneq ($(filter-out deps test campaign classes format,$(GOALS)),)
STATE := $(shell $(environment) pipeline/make/prepare)
ifneq ($(firstword $(STATE)),ready)
$(error $(or $(file <$(FAILURES))$(shell rm -f $(FAILURES)),nothing could be prepared))
endif
# With a dash, since it is not there any more when Make has read all and asks whether its files are up to date.
-include $(word 3,$(STATE))
$(shell rm -f $(word 3,$(STATE)))
ifeq ($(origin EXPERIMENTS),undefined)
$(error The rules that pipeline/make/prepare wrote could not be read)
endif
# The programs are built, or built anew, before anything else; Make then reads this file again.
ifeq ($(word 2,$(STATE)),build)
include .build/mirage.built
endif
ifeq ($(word 2,$(STATE)),unbuilt)
$(info pipeline/make/build: first of all, since nothing is built from these sources; what it then finds to do is not known before)
NODES := $(filter-out $(COMMANDS) $(EXPERIMENTS),$(GOALS))
all $(NODES:%=run.%): run.unbuilt
.PHONY: run.unbuilt $(NODES:%=run.%)
run.unbuilt:
	pipeline/make/build
endif
endif

# The goals that write an attack's pictures; attacks are known with the nodes.
EXPORTS := $(patsubst attack-%,export-%,$(filter attack-%,$(NODES)))

.PHONY: $(COMMANDS) $(NODES) $(EXPORTS) $(EXPERIMENTS)

# The last word on the nodes that a goal names: messages of stages that failed, or what is not there as these
# settings ask for it. Expanded when all prerequisites are done; where nothing ran, the look at the start counts.
last = $(if $(and $(BUSY),$(if $(DRY),,x)),$(if $(shell $(environment) pipeline/make/finish $(1)),$(error $(file <$(FAILURES)/last)$(shell rm -rf $(FAILURES)))))

## all: everything, up to artifacts/report.html
all: $(NODES:%=run.%)
	$(call last)$(if $(DRY),,$(info $(EXPERIMENT) is up to date in $(ARTIFACTS)/))

## mine: your network and your pictures: make mine MODEL=net.onnx DATA=photos/ (and CLASSES= PIXELS= NORM= EPSILONS= SIZE= WEIGHTS= NAME=)
mine:
	+pipeline/make/mine $(MAKE)

## <experiment>: everything of that experiment: make attacks, make mnist-cnn
$(filter-out mine,$(EXPERIMENTS)):
	$(MAKE) all EXPERIMENT=$@

## imagenet: photographs and a network trained on ImageNet (yours by IMAGES=folder MODEL=vgg16 WEIGHTS=file)
## <node>: that node and what it needs, and its figures (make attack-fgsm)
$(NODES): %: run.%
	$(call last,show)
	pipeline/make/tool show --node=$@

## export-<attack>: its adversarial images as PNG files, in artifacts/export/<experiment>/ (make export-fgsm)
$(EXPORTS): export-%: run.attack-%
	$(call last,show)
	pipeline/make/tool export --node=attack-$*

# One build for all programs, when the content of the sources has changed. A `touch` changes none.
.build/mirage.built:
	pipeline/make/deps
	pipeline/make/build

## deps: install the system libraries that are missing
deps:
	pipeline/make/deps

## test: the whole test suite (REQUIRE=1: fail where a part would be left out; REQUIRE=browser, node, campaign: where that one would be)
test: deps
	pipeline/make/test

## campaign: every fault of disk, system and clock tried on a small pipeline; counts of tried, healed, wrong
campaign: deps
	pipeline/make/campaign

## config: the config of a node, and which file each key is from (NODE=attack-fgsm); without NODE all nodes
## schemas: JSON Schemas of all configs, for editors
## why: for each node, fresh or stale, and what differs
## plan: what `make all` would do
## dag: who reads from whom
## verify: hash every artifact again and compare with pipeline/<experiment>.lock
## lock: write that file
## gc: free the objects that nothing names
## clean: delete all artifacts, and nothing that the pipeline did not make
why plan config schemas dag verify lock gc clean:
	pipeline/make/tool $@

## compare: two experiments on the same images: make compare A=mnist B=original, or stores: A=old/artifacts B=artifacts (stage-compare --help says the rule); GATE=0.01 fails where B is worse by more, or was tried with less (unless PARTIAL=1)
compare:
	pipeline/make/compare

## open: the report, in a browser
open: all
	[[ $$ARTIFACTS == /* ]] || ARTIFACTS=./$$ARTIFACTS; \
	"$$(command -v xdg-open || command -v open)" "$$ARTIFACTS/$(REPORT)"

## bench: our figures beside those of PyTorch (ONLY="conv pgd": those sections)
bench:
	read -ra sections <<<"$$ONLY"; "$$BIN/bench" "$${sections[@]}"

## catalogue: write Sources/Attacks/README.md anew from the attacks and their cards
catalogue:
	page=$$("$$BIN/stage-attack" --catalogue); printf '%s\n' "$$page" >Sources/Attacks/README.md

## classes: the numbers of ImageNet's classes whose names hold a word (NAME=retriever)
classes:
	sed -n 's/^ *"\([0-9]*\)": "\(.*\)",*$$/\1  \2/p' data/imagenet/labels.json | grep -iF -- "$$NAME" \
		|| { printf 'no class of ImageNet has “%s” in its name\n' "$$NAME" >&2; exit 1; }

## format: lay out all Swift sources
format:
	swift format -i -r Sources Tests

## help: this list
help:
	sed -n 's/^## //p' Makefile | awk '{ at = index($$0, ": "); printf "%-15s %s\n", substr($$0, 1, at - 1), substr($$0, at + 2) }'
	echo 'Experiments: $(EXPERIMENTS)'
	echo '$(if $(NODES),Nodes of $(EXPERIMENT): $(NODES),The nodes are known once the programs are built: make config)'
	echo "Variables: EXPERIMENT=$$EXPERIMENT THREADS= ARTIFACTS=$$ARTIFACTS BIN=$$BIN SKIP_BUILD= SET= MODEL= WEIGHTS= IMAGES= DATA= CLASSES= PIXELS= SIZE= NORM= EPSILONS= NODE= NAME= ONLY= A= B= GATE= PARTIAL= TESTFLAGS= REQUIRE= DOT="
	echo 'On the command line, or in the environment with MIRAGE_ before the name.'
