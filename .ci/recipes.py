#!/usr/bin/env python3
"""Runs what the CI recipes run, as far as a machine without these services can.

usage: recipes.py KERASVET ROOT

The steps of the GitHub Action are run by bash with the environment that a runner
gives them, beside a `gh` that serves a release from a directory; the scripts of the
GitLab, Jenkins and Azure recipes are run beside a `go` that installs KERASVET. ROOT
is the checkout. Needs PyYAML.
"""
import base64
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import yaml

KERASVET, ROOT = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
VERSION = "v9.9.9"
ARCHIVE = "kerasvet_9.9.9_linux_amd64.tar.gz"

GH = """#!/bin/bash
set -euo pipefail
echo "gh $*" >> "$GH_CALLS"
case "$1 $2" in
  "release download") for f in "$GH_RELEASE"/*; do cp "$f" .; done ;;
  "attestation verify") [ "${GH_FORGED:-}" != 1 ] ;;
  "api --method") for a in "$@"; do case "$a" in sarif=@*) cp "${a#sarif=@}" "$GH_UPLOAD" ;; esac; done ;;
  *) exit 64 ;;
esac
"""

GO = """#!/bin/sh
# go install PACKAGE@VERSION, without a network
set -eu
[ "$1" = install ]
case "$2" in github.com/kerasvet/kerasvet/cmd/kerasvet@*) ;; *) exit 64 ;; esac
mkdir -p "${GOBIN:-$DEFAULT_GOBIN}"
cp "$KERASVET" "${GOBIN:-$DEFAULT_GOBIN}/kerasvet"
"""

failures = []


def check(good, what):
    if not good:
        failures.append(what)
        print("FAILED:", what)


def script(path, text):
    path.write_text(text)
    path.chmod(0o755)


def release(directory):
    """A release as GoReleaser lays it out."""
    directory.mkdir()
    with tarfile.open(directory / ARCHIVE, "w:gz") as tar:
        tar.add(KERASVET, "kerasvet")
    digest = hashlib.sha256((directory / ARCHIVE).read_bytes()).hexdigest()
    (directory / "checksums.txt").write_text("%s  other.tar.gz\n%s  %s\n" % ("0" * 64, digest, ARCHIVE))
    return digest


class Action:
    """One run of the composite action."""

    def __init__(self, top, inputs, forged=False, event=None):
        self.definition = yaml.safe_load((ROOT / ".github/actions/kerasvet/action.yml").read_text())
        self.inputs = {name: str(i.get("default", "")) for name, i in self.definition["inputs"].items()}
        for name in inputs:
            assert name in self.inputs, name
        self.inputs.update(inputs)
        self.event = event or {}
        self.outputs = {}
        self.top = Path(tempfile.mkdtemp(dir=top))
        self.work = self.top / "work"
        shutil.copytree(ROOT / "testdata/samples", self.work / "models", ignore=shutil.ignore_patterns("*.go", "*.py", "cases"))
        bin_ = self.top / "bin"
        bin_.mkdir()
        script(bin_ / "gh", GH)
        self.files = {name: self.top / name for name in ("summary", "output", "calls", "upload")}
        for f in self.files.values():
            f.touch()
        self.env = dict(os.environ, PATH="%s:%s" % (bin_, os.environ["PATH"]), RUNNER_TEMP=str(self.top / "temp"), RUNNER_OS="Linux", RUNNER_ARCH="X64",
                        GITHUB_STEP_SUMMARY=str(self.files["summary"]), GITHUB_OUTPUT=str(self.files["output"]), GITHUB_REPOSITORY="someone/models",
                        GITHUB_SHA="a" * 40, GITHUB_REF="refs/heads/main", GH_CALLS=str(self.files["calls"]), GH_UPLOAD=str(self.files["upload"]),
                        GH_RELEASE=str(top / "release"), GH_FORGED="1" if forged else "")

    def value(self, expression):
        """What an expression of the action gives."""
        expression = expression.strip()
        if " && " in expression:
            return all(self.value(e) for e in expression.split(" && "))
        for operator in ("==", "!="):
            if operator in expression:
                left, right = (self.value(e) for e in expression.split(operator))
                return (left == right) == (operator == "==")
        if expression.startswith("'"):
            return expression.strip("'")
        if expression in ("true", "false"):
            return expression == "true"
        if expression == "github.token":
            return "token"
        if expression.startswith("github.event."):
            return self.event.get(expression[len("github.event."):])
        kind, _, name = expression.partition(".")
        if kind == "inputs":
            return re.sub(r"\$\{\{(.*?)\}\}", lambda m: str(self.value(m[1])), self.inputs[name])
        if expression.startswith("steps.scan.outputs."):
            return self.outputs.get(expression.rpartition(".")[2], "")
        raise ValueError("expression that is not known here: " + expression)

    def fill(self, text):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda m: str(self.value(m[1])), str(text))

    def run(self):
        """Runs the steps until one fails; returns its name and exit code, and what was printed."""
        printed = ""
        for step in self.definition["runs"]["steps"]:
            assert "uses" not in step, "a step that is another action cannot be run here"
            condition = step.get("if", "")
            if condition and not self.value(condition.strip()[3:-2]):
                continue
            assert "${{" not in step["run"], "an expression inside a script: " + step["name"]
            env = dict(self.env, **{k: self.fill(v) for k, v in step.get("env", {}).items()})
            done = subprocess.run(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]], cwd=self.work, env=env, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            printed += done.stdout
            for line in self.files["output"].read_text().splitlines():
                name, _, value = line.partition("=")
                self.outputs[name] = value
            if done.returncode != 0:
                return step["name"], done.returncode, printed
        return "", 0, printed


def action(top):
    digest = release(top / "release")
    models = {"version": VERSION, "paths": "models"}

    a = Action(top, dict(models, html="report.html", args="--max-depth\n8", sha256=digest))
    where, code, printed = a.run()
    summary = a.files["summary"].read_text()
    check((where, code) == ("Judge", 1), "findings fail the last step with 1: %s %d\n%s" % (where, code, printed))
    check(summary.startswith("## kerasvet") and "hostile-os-system.keras" in summary, "the summary of the job names the model")
    check("::error file=models/hostile-os-system.keras," in printed, "annotations")
    check((a.work / "report.html").read_text().startswith("<!DOCTYPE html>"), "the HTML report")
    log = json.loads(gzip.decompress(base64.b64decode(a.files["upload"].read_bytes())))
    check(log["runs"][0]["automationDetails"] == {"id": "kerasvet/"} and log["runs"][0]["results"] != [], "the uploaded log has its category and its results")
    calls = a.files["calls"].read_text()
    check("repos/someone/models/code-scanning/sarifs" in calls and "commit_sha=" + "a" * 40 in calls and "attestation verify " + ARCHIVE in calls, "the calls of gh: " + calls)

    a = Action(top, dict(models, paths="models/honest.keras\n\nmodels/honest-legacy.h5"))
    where, code, printed = a.run()
    check((where, code, a.outputs.get("exit-code")) == ("", 0, "0"), "honest models pass: %s %d\n%s" % (where, code, printed))

    a = Action(top, dict(models, paths="models/hostile-encrypted.keras", upload="false"))
    where, code, printed = a.run()
    check((where, code) == ("Judge", 3), "what was not read fails the last step with 3: %s %d\n%s" % (where, code, printed))
    check(a.files["upload"].stat().st_size == 0, "upload: false uploads nothing")

    a = Action(top, models, event={"pull_request.head.repo.fork": True})
    a.run()
    check(a.files["upload"].stat().st_size == 0, "a pull request from a fork uploads nothing")

    a = Action(top, dict(models, **{"fail-on": "none", "paths": "models/hostile-os-system.keras"}))
    check(a.run()[:2] == ("", 0), "fail-on none passes")

    a = Action(top, dict(models, paths="-h\nmodels/honest.keras; touch /injected\n$(touch injected)"))
    where, code, printed = a.run()
    check(code == 2 and not (a.work / "injected").exists(), "paths are arguments, not flags and not shell: %s %d" % (where, code))

    for what, inputs, forged in (("a version that is a command", {"version": "v1.0.0; touch injected"}, False), ("a version that is a path", {"version": "v1/../../x"}, False),
                                 ("another digest", {"version": VERSION, "sha256": "0" * 64}, False), ("forged provenance", {"version": VERSION}, True)):
        a = Action(top, dict(models, **inputs), forged=forged)
        where, code, printed = a.run()
        check(where == "Install" and code != 0 and not (a.top / "temp/kerasvet/kerasvet").exists(), "%s is refused before anything is unpacked: %s %d" % (what, where, code))

    (top / "release" / ARCHIVE).write_bytes((top / "release" / ARCHIVE).read_bytes() + b"x")
    where, code, _ = Action(top, models).run()
    check(where == "Install" and code != 0, "an archive that is not the one of the checksums is refused: %s %d" % (where, code))
    (top / "release" / "checksums.txt").write_text("")
    where, code, _ = Action(top, models).run()
    check(where == "Install" and code != 0, "a release without a checksum is refused: %s %d" % (where, code))


def recipe(top, name, shell, lines, variables, outputs):
    """Runs the script of a recipe on the samples and looks at the reports."""
    work = Path(tempfile.mkdtemp(dir=top))
    for source in ("hostile-os-system.keras", "honest.keras"):
        shutil.copy(ROOT / "testdata/samples" / source, work)
    bin_ = work.parent / ("bin-" + name)
    bin_.mkdir()
    script(bin_ / "go", GO)
    env = dict(os.environ, PATH="%s:%s/gobin:%s" % (bin_, bin_, os.environ["PATH"]), KERASVET=str(KERASVET), DEFAULT_GOBIN="%s/gobin" % bin_, **variables)
    done = subprocess.run(shell + [lines], cwd=work, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == 1 and "critical[dangerous-reference]" in done.stdout, "%s: exit %d\n%s" % (name, done.returncode, done.stdout))
    for output in outputs:
        file = work / output
        check(file.exists(), "%s: writes %s" % (name, output))
        if not file.exists():
            continue
        if file.suffix == ".xml":
            check(ElementTree.parse(file).getroot().get("failures") == "1", "%s: one failed test in %s" % (name, output))
        elif file.suffix == ".html":
            check("dangerous-reference" in file.read_text(), "%s: %s" % (name, output))
        else:
            check("dangerous-reference" in json.dumps(json.loads(file.read_text())), "%s: %s" % (name, output))


def recipes(top):
    docs = ROOT / "docs/ci"
    job = yaml.safe_load((docs / "gitlab-ci.yml").read_text())["kerasvet"]
    reports = job["artifacts"]["reports"]
    recipe(top, "gitlab", ["bash", "-eo", "pipefail", "-c"], "\n".join(job["script"]), job["variables"], list(reports.values()) + job["artifacts"]["paths"])

    text = (docs / "Jenkinsfile").read_text()
    sh = re.search(r"sh '''(.*?)'''", text, re.S)[1]
    variables = dict(re.findall(r"(KERASVET_\w+) = '([^']*)'", text))
    artifacts = re.search(r"artifacts: '([^']*)'", text)[1].split(",") + [re.search(r"testResults: '([^']*)'", text)[1]]
    check(text.count("{") == text.count("}"), "jenkins: braces")
    recipe(top, "jenkins", ["sh", "-xe", "-c"], sh, variables, artifacts)

    pipeline = yaml.safe_load((docs / "azure-pipelines.yml").read_text())
    step = next(s for s in pipeline["steps"] if "bash" in s)
    files = [s["inputs"][k] for s in pipeline["steps"] if "inputs" in s for k in ("testResultsFiles", "PathtoPublish") if k in s["inputs"]]
    recipe(top, "azure", ["bash", "--noprofile", "--norc", "-c"], step["bash"], pipeline["variables"], files)


with tempfile.TemporaryDirectory() as directory:
    action(Path(directory))
    recipes(Path(directory))
print("recipes: %d failed" % len(failures))
sys.exit(1 if failures else 0)
