#!/usr/bin/env python3
"""Hands what kerasvet writes, and what it ships, to the programs that will read it.

usage: integrations.py [PART...]

Each part says that it skips where its tool cannot be installed; what is installed
and judges badly fails. KERASVET_TOOLS names a directory that keeps the tools from
one run to the next; KERASVET_FULL=1 also builds a whole release. In CI, as root,
Chromium and shellcheck come from the system's packages.
"""
import collections
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOP = Path(tempfile.mkdtemp(prefix="kerasvet-integrations-"))
TOOLS = Path(os.environ.get("KERASVET_TOOLS") or TOP / "tools")
VENV = TOOLS / "venv"

PYTHON_TOOLS = ["zizmor==1.32.0", "pre-commit==4.7.0", "sarif-tools==3.0.5", "cmarkgfm==2025.10.22", "PyYAML"]
NODE_TOOLS = ["playwright-core@1.65.1", "axe-core@4.14.1", "@microsoft/sarif-multitool@5.7.0"]
GO_TOOLS = {
    "actionlint": "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12",
    "reviewdog": "github.com/reviewdog/reviewdog/cmd/reviewdog@v0.21.0",  # later ones need modules that the proxy does not have
    "cyclonedx-gomod": "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0",
    "goreleaser": "github.com/goreleaser/goreleaser/v2@v2.12.7",  # later ones need a later Go
}
# INSTALL is how long an installation may take, in seconds; goreleaser is big, and what
# was compiled when the time is up need not be compiled the next time.
INSTALL = 150

# ACCEPTED is what sarif-multitool may say: a finding in a binary has no region
# (SARIF2017, GH1003), and notes that ask for other conventions, or for the text around
# a place in a document that the reader has (SARIF2010, SARIF2011).
ACCEPTED = {"SARIF2017", "GH1003", "SARIF2002", "SARIF2003", "SARIF2009", "SARIF2010", "SARIF2011", "SARIF2013"}

failures, skipped = [], []


class Skip(Exception):
    """A part cannot run here."""


def run(*args, ok=(0,), **kw):
    """Runs a program, and returns what it printed; an exit code that is not ok is a failure."""
    kw.setdefault("cwd", ROOT)
    done = subprocess.run([str(a) for a in args], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **kw)
    if ok is not None and done.returncode not in ok:
        raise AssertionError("%s exited %d\n%s" % (" ".join(str(a) for a in args), done.returncode, done.stdout[-4000:]))
    return done.stdout


def want(good, what):
    if not good:
        raise AssertionError(what)


class Install(threading.Thread):
    """The installation of a tool, beside everything else."""

    def __init__(self, name, *commands, done, after=None):
        super().__init__(daemon=True)
        self.name, self.commands, self.done, self.after, self.reason = name, commands, done, after, ""
        self.start()

    def run(self):
        if self.after:
            self.after.join()
        if self.done.exists():
            return
        for c in self.commands:
            try:
                p = subprocess.run([str(a) for a in c], cwd=TOOLS, env=dict(os.environ, GOBIN=str(TOOLS / "bin")), text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=INSTALL)
            except (OSError, subprocess.TimeoutExpired) as e:
                self.reason = str(e)[:200]
                return
            if p.returncode != 0:
                self.reason = (p.stdout.strip().splitlines() or ["no output"])[-1][:200]
                return

    def need(self):
        self.join()
        if not self.done.exists():
            raise Skip("%s does not install: %s" % (self.name, self.reason))
        return self.done


def install():
    """Begins every installation."""
    for d in ("bin", "node"):
        (TOOLS / d).mkdir(parents=True, exist_ok=True)
    tools = {
        "python": Install("Python tools", [sys.executable, "-m", "venv", VENV], [VENV / "bin/pip", "install", "--quiet", *PYTHON_TOOLS], done=VENV / "bin/zizmor"),
        "node": Install("npm packages", ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", TOOLS / "node", *NODE_TOOLS], done=TOOLS / "node/node_modules/axe-core"),
    }
    if os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get") and not (shutil.which("chromium") and shutil.which("shellcheck")):
        tools["system"] = Install("Chromium and shellcheck", ["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core", "shellcheck"], done=Path("/usr/bin/chromium"))
    before = None
    for name, module in GO_TOOLS.items():  # one after the other: each compiles on every processor
        tools[name] = before = Install(name, ["go", "install", module], done=TOOLS / "bin" / name, after=before)
    return tools


def snapshot(tools, where):
    """A repository with the checkout as its only commit."""
    run("git", "init", "-q", "-b", "main", where)
    for name in run("git", "ls-files", "-co", "--exclude-standard", "-z").split("\0"):
        if name and (ROOT / name).is_file():
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, where / name)
    commit(where)


def commit(where):
    git = ["git", "-C", where, "-c", "user.name=ci", "-c", "user.email=ci@example.com", "-c", "commit.gpgsign=false"]
    run(*git, "add", "-A")
    run(*git, "commit", "-q", "-m", "as it is")


# The parts.

def workflows(tools):
    shown = TOP / "shown.yml"  # the workflow that the documentation tells users to write
    shown.write_text(re.search(r"```yaml\n(# \.github/workflows/.*?)```", (ROOT / "docs/ci.md").read_text(), re.S)[1])
    print("actionlint:", run(tools["actionlint"].need(), "-no-color", *sorted((ROOT / ".github/workflows").glob("*.yml")), shown).strip() or "nothing to say")
    tools["python"].need()
    out = run(VENV / "bin/zizmor", "--offline", "--no-progress", "--persona=pedantic", "--color=never", ".github", ok=None)
    want("No findings to report" in out, out)
    print("zizmor (pedantic):", out.strip().splitlines()[-1])


def recipes(tools):
    tools["python"].need()
    if not shutil.which("jq"):
        raise Skip("jq is not here")
    print(run(VENV / "bin/python", ".ci/recipes.py", TOP / "kerasvet", ROOT).strip())


def precommit(tools):
    tools["python"].need()
    source, fixture = TOP / "source", TOP / "fixture"
    snapshot(tools, source)
    run("git", "init", "-q", "-b", "main", fixture)
    for name in ("honest.keras", "honest-legacy.h5"):
        shutil.copy(ROOT / "testdata/samples" / name, fixture)
    (fixture / "settings.yaml").write_text("name: no model\n")
    (fixture / "package.json").write_text('{"name": "no-model"}\n')
    rev = run("git", "-C", source, "rev-parse", "HEAD").strip()
    (fixture / ".pre-commit-config.yaml").write_text("repos:\n  - repo: %s\n    rev: %s\n    hooks:\n      - id: kerasvet\n" % (source, rev))
    commit(fixture)
    env = dict(os.environ, PRE_COMMIT_HOME=str(TOP / "pre-commit"))
    out = run(VENV / "bin/pre-commit", "run", "--all-files", "--color=never", cwd=fixture, env=env)
    want("Passed" in out, out)
    run("git", "-C", fixture, "rm", "-q", "--cached", "honest.keras", "honest-legacy.h5")
    out = run(VENV / "bin/pre-commit", "run", "--all-files", "--color=never", cwd=fixture, env=env)
    want("Passed" in out, "a repository without models: " + out)
    shutil.copy(ROOT / "testdata/samples/hostile-os-system.keras", fixture)
    run("git", "-C", fixture, "add", "hostile-os-system.keras")
    out = run(VENV / "bin/pre-commit", "run", "--color=never", cwd=fixture, env=env, ok=(1,))
    want("exit code: 1" in out and "critical[dangerous-reference]" in out and "settings.yaml" not in out, out)
    print("pre-commit: passes honest models and repositories without any, stops a hostile one")


def logs():
    """SARIF logs of the samples, of every case that must be found, and of hostile names."""
    samples = TOP / "samples.sarif"
    if not samples.exists():
        run(TOP / "kerasvet", "scan", "--no-config", "-q", "--keras", "3.8.0", "-o", "sarif=%s" % samples, "-f", "concise", "testdata/samples", ok=(1,))
        run("go", "test", "-count=1", "-run", "^TestConsumers$", "./reporters", env=dict(os.environ, KERASVET_LOGS=str(TOP)))
    return [samples, TOP / "findings.sarif", TOP / "hostile.sarif", TOP / "names.sarif"]


def multitool(tools):
    node = tools["node"].need().parent
    try:
        tool = run("node", "-p", 'require("@microsoft/sarif-multitool")', cwd=node.parent).strip()
    except (AssertionError, OSError) as e:
        raise Skip("no binary of sarif-multitool for this machine: %s" % e)
    os.chmod(tool, 0o755)
    for log in logs():
        lint = TOP / ("lint-" + log.name)
        # It exits 0 whatever it finds: its log is what judges.
        run(tool, "validate", log, "--config", ROOT / ".ci/sarif/multitool.xml", "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--output", lint, "--log", "ForceOverwrite", ok=None)
        judged = json.loads(lint.read_text())["runs"][0]
        for invocation in judged["invocations"]:
            wrong = invocation.get("toolExecutionNotifications", [])
            want(invocation["executionSuccessful"] and not wrong, "sarif-multitool did not get through %s: %s" % (log.name, wrong))
        found = collections.Counter(r["ruleId"] for r in judged.get("results", []))
        other = [r for r in judged.get("results", []) if r["ruleId"] not in ACCEPTED]
        want(not other, "%s: %s" % (log.name, json.dumps(other[:3], indent=1)))
        want("GH1003" in found and "SARIF2017" in found, "%s: the rules of GitHub did not run: %s" % (log.name, dict(found)))
        print("sarif-multitool: %s: only what is accepted: %s" % (log.name, ", ".join("%s %d" % f for f in sorted(found.items()))))


def sariftools(tools):
    tools["python"].need()
    sarif = VENV / "bin/sarif"
    log = logs()[0]
    results = json.loads(log.read_text())["runs"][0]["results"]
    table = TOP / "table.csv"
    run(sarif, "csv", "-o", table, log)
    rows = list(csv.DictReader(table.open(encoding="utf-8-sig")))
    want(sorted(r["Code"] for r in rows) == sorted(r["ruleId"] for r in results), "sarif csv: %s" % rows)
    want({r["Location"] for r in rows} == {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results}, "sarif csv: %s" % rows)
    summary = run(sarif, "summary", log)
    levels = collections.Counter(r["level"] for r in results)
    for level in ("error", "warning", "note"):
        want("%s: %d" % (level, levels[level]) in summary, summary)
    for command, out in (("html", "tools.html"), ("codeclimate", "climate.json"), ("emacs", "emacs.txt"), ("word", "word.docx")):
        run(sarif, command, "-o", TOP / out, log)
        want((TOP / out).stat().st_size > 0, "sarif %s wrote nothing" % command)
    want("no changes" in run(sarif, "diff", log, log), "sarif diff")
    print("sarif-tools: csv, summary, html, codeclimate, emacs, word and diff agree: %s" % dict(levels))


MARKDOWN = """
import html.parser, sys, cmarkgfm
from cmarkgfm.cmark import Options
seen = []
class Parser(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in {"h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "ul", "li", "a", "details", "summary"}:
            seen.append(tag)
        if tag == "a" and not attrs["href"].startswith("https://github.com/kerasvet/kerasvet/blob/main/RULES.md#") or tag != "a" and set(attrs) - {"lang"}:
            seen.append((tag, attrs))
text = open(sys.argv[1], encoding="utf-8").read()
page = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
Parser().feed(page)
print(len(page), "bytes,", page.count("<h3>"), "findings,", page.count("<tr>") - 1, "models")
sys.exit(str(seen[:5]) if seen else 0)
"""


def markdown(tools):
    """What the parser of GitHub makes of Markdown: our own elements, and no link or image of a model's."""
    tools["python"].need()
    logs()
    for name in ("findings", "hostile", "names"):
        print("cmark-gfm: %s.markdown: %s" % (name, run(VENV / "bin/python", "-c", MARKDOWN, TOP / (name + ".markdown")).strip()))


def reviewdog(tools):
    tool = tools["reviewdog"].need()
    log = logs()[0]
    results = json.loads(log.read_text())["runs"][0]["results"]
    out = subprocess.run([str(tool), "-f=sarif", "-reporter=local", "-filter-mode=nofilter", "-fail-level=any", "-diff=git diff --no-index /dev/null README.md"], cwd=ROOT, text=True,
                         stdin=log.open(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    want(out.returncode == 1, "reviewdog exited %d\n%s" % (out.returncode, out.stdout))
    want(sum('"ruleId"' in line for line in out.stdout.splitlines()) == len(results), "reviewdog does not show each of %d results\n%s" % (len(results), out.stdout))
    print("reviewdog: shows %d results and fails" % len(results))


def browser(tools):
    if "system" in tools:
        tools["system"].join()
    modules = tools["node"].need().parent
    if not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        raise Skip("no Chromium")
    out = run("go", "test", "-count=1", "-run", "^TestBrowser$", "-v", "./reporters", env=dict(os.environ, KERASVET_BROWSER_MODULES=str(modules)))
    want("--- PASS: TestBrowser" in out, out)
    print("\n".join(line.strip() for line in out.splitlines() if "findings, loaded" in line))


def reproducible(tools):
    """Two builds in two directories, with two caches, give the same bytes."""
    digests = {}
    for target in ("linux/amd64", "windows/arm64"):
        goos, goarch = target.split("/")
        built = []
        for n in ("one", "a-longer-name/two"):
            where = TOP / "reproducible" / n
            if not where.exists():
                where.parent.mkdir(parents=True, exist_ok=True)
                snapshot(tools, where)
            binary = TOP / ("built-%s-%d" % (goos, len(built)))
            # -a would compile the standard library anew; what could differ is ours.
            run("go", "build", "-trimpath", "-ldflags", "-s -w -buildid=", "-o", binary, "./cmd/kerasvet", cwd=where,
                env=dict(os.environ, CGO_ENABLED="0", GOOS=goos, GOARCH=goarch, GOFLAGS="-buildvcs=false"))
            built.append(binary.read_bytes())
            want(str(TOP).encode() not in built[-1], "the binary names the directory of its build")
        want(built[0] == built[1], "two builds for %s differ" % target)
        digests[target] = len(built[0])
    print("reproducible: the same bytes from two directories:", ", ".join("%s %d bytes" % d for d in digests.items()))


def extras(tools):
    where = TOP / "extras"
    run("bash", ".ci/extras.sh", TOP / "kerasvet", where)
    run("bash", "-n", where / "completions/kerasvet.bash")
    for shell, args in (("zsh", ["-n"]), ("fish", ["--no-execute"])):
        if shutil.which(shell):
            run(shell, *args, next(where.glob("completions/*" + shell)))
    pages = sorted((where / "man").glob("*.1"))
    want(where / "man/kerasvet-scan.1" in pages, "no page of scan: %s" % pages)
    if shutil.which("mandoc"):
        run("mandoc", "-T", "lint", "-W", "warning", *pages)
    elif shutil.which("man"):
        for page in pages:
            out = run("man", "--warnings", "-l", page, env=dict(os.environ, MANPAGER="cat", LC_ALL="C.UTF-8"))
            want("warning" not in out.lower().split("name")[0] and "NAME" in out, out[:500])
    print("extras: completions for bash, zsh, fish and PowerShell, %d man pages" % len(pages))


def container(tools):
    """The image's last stage, without an engine: the program alone in a root directory, as nobody."""
    lines = (ROOT / ".ci/Containerfile").read_text().splitlines()
    said = {l.split(" ", 1)[0]: l.split(" ", 1)[1] for l in lines if l and not l.startswith("#")}  # the last of each, which is the last stage's
    want(said["FROM"].startswith("gcr.io/distroless/static:nonroot") and said["USER"] == "65532:65532", "the last stage is not distroless, or not without rights: %s" % said)
    if os.geteuid() != 0 or not shutil.which("chroot") or sys.platform != "linux":
        raise Skip("needs root on Linux, for chroot")
    image = TOP / "image"
    (image / "models").mkdir(parents=True)
    run("sh", "-c", said["RUN"].replace("-o /kerasvet", '-o "$OUT"'), env=dict(os.environ, OUT=str(image / "kerasvet")))
    for model in ("honest.keras", "hostile-os-system.keras"):
        shutil.copy(ROOT / "testdata/samples" / model, image / "models")
    for d in (TOP, image, image / "models"):
        d.chmod(0o755)
    command = json.loads(said["ENTRYPOINT"]) + json.loads(said["CMD"])
    out = run(shutil.which("chroot"), "--userspec=%s" % said["USER"], image, *command, ok=(1,), env={})
    want("critical[dangerous-reference]" in out and "2 models" in out, out)
    print("container: static, runs alone as user %s, finds 1 of 2" % said["USER"])


def goreleaser(tools):
    tool = tools["goreleaser"].need()
    where = TOP / "release"
    snapshot(tools, where)
    run("git", "-C", where, "remote", "add", "origin", "https://example.com/kerasvet/kerasvet.git")
    run("git", "-C", where, "tag", "v0.0.1")
    config = where / ".github/goreleaser.yaml"
    out = run(tool, "check", "-f", config, cwd=where)
    want("1 configuration file(s) validated" in out, out)
    print("goreleaser check: valid, nothing deprecated")
    if not os.environ.get("KERASVET_FULL"):
        print("goreleaser: a whole release is built with KERASVET_FULL=1 only")
        return
    sums = []
    for again in range(2):
        env = dict(os.environ, PATH="%s:%s" % (TOOLS / "bin", os.environ["PATH"]), TAP_TOKEN="none")
        out = run(tool, "release", "--clean", "--skip=publish,validate", "-f", config, cwd=where, env=env)
        sums.append((where / "dist/checksums.txt").read_text())
    archives = [l.split()[1] for l in sums[0].splitlines()]
    want(sum(a.endswith((".tar.gz")) for a in archives) >= 6 and any("cdx" in a for a in archives), sums[0])
    binaries = [[l for l in s.splitlines() if l.endswith(".tar.gz")] for s in sums]
    want(binaries[0] == binaries[1], "two releases differ:\n%s\n%s" % tuple(sums))
    with tarfile.open(where / "dist/kerasvet_0.0.1_linux_amd64.tar.gz") as tar:
        names = tar.getnames()
        tar.extract("kerasvet", TOP, filter="data") if sys.version_info >= (3, 12) else tar.extract("kerasvet", TOP)
    want("man/kerasvet-scan.1" in names and "completions/kerasvet.bash" in names, names)
    print("goreleaser:", len(archives), "files, archives the same twice;", run(TOP / "kerasvet", "version").strip())


PARTS = {f.__name__: f for f in (multitool, sariftools, markdown, recipes, reproducible, extras, container, precommit, workflows, reviewdog, browser, goreleaser)}


def main():
    parts = sys.argv[1:] or list(PARTS)
    tools = install()
    run("go", "build", "-o", TOP / "kerasvet", "./cmd/kerasvet")
    for name in parts:
        start = time.monotonic()
        print("-- " + name, flush=True)
        try:
            PARTS[name](tools)
        except Skip as e:
            skipped.append(name)
            print("skipped: %s" % e)
        except (AssertionError, OSError, subprocess.SubprocessError, KeyError, ValueError) as e:
            failures.append(name)
            print("FAILED: %s: %s" % (name, e))
        print("   %.0f s" % (time.monotonic() - start), flush=True)
    print("integrations: %d passed, %d failed, %d skipped%s" % (len(parts) - len(failures) - len(skipped), len(failures), len(skipped), (": " + ", ".join(skipped)) if skipped else ""))
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        code = main()
    finally:
        # Go keeps its module cache read-only.
        subprocess.run(["chmod", "-R", "u+w", str(TOP)], stderr=subprocess.DEVNULL)
        shutil.rmtree(TOP, ignore_errors=True)
    sys.exit(code)
