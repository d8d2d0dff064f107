"""Hold what kerasvet says about loaders to the measurements, cell by cell.

    python3 .ci/effects.py KERASVET ORACLE_DIR [BUILD=PYTHON...]        compare
    python3 .ci/effects.py --keys FILE ORACLE_DIR BUILD=PYTHON...       write keys.txt of the generator

Runs in the root of the module. ORACLE_DIR has the builders of the files and
effects.tsv. Every construct is built in the spelling of each family, scanned, and
what is said of its findings is put together: the worst counts. Needs h5py and Go.
SavedModels, pickles of models and Orbax checkpoints are written by a loader: they
are built by the PYTHON that has the one of BUILD (tf.keras-2.15.0=venv/bin/python),
and left out, saying so, where none is given.
KERASVET's JSON report, where it has effects, must say the same as the generator.
"""

import collections
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings

GENERATOR = "./rules/internal/geneffects"
CONSTRUCTS = "rules/internal/geneffects/constructs.txt"

# The builds: columns of effects.tsv, and the family and version to build for. One
# version stands for a family whose files differ in nothing but the version in them.
BUILDS = {
    "keras": ("K3", "3.8.0"),
    "tf_keras": ("TFK", "2.21.0"),
    "tf.keras-2.4.0": ("K2", "2.4.0"),
    "tf.keras-2.8.0": ("K2", "2.8.0"),
    "tf.keras-2.12.0": ("K2", "2.12.0"),
    "tf.keras-2.15.0": ("K2", "2.15.0"),
}
LETTERS = {"load": "L", "accepted": "L", "call": "C", "fit": "F", "blocked": "b", "inert": "i", "unknown": "e"}
WORST = "LCF?ebi"  # "?" is a finding of which nothing is known


def overrides():
    """constructs.txt: word -> [(value, pattern)]."""
    words = collections.defaultdict(list)
    with open(CONSTRUCTS, encoding="utf-8") as f:
        for line in f:
            if line.strip() and line[0] != "#":
                word, rest = line.rstrip("\n").split(" ", 1)
                value, pattern = rest.split(" ", 1) if word in ("mode", "subject") else ("", rest)
                words[word].append((value, re.compile(pattern)))
    return words


OVERRIDES = overrides()


def overridden(word, construct):
    for value, pattern in OVERRIDES[word]:
        if pattern.fullmatch(construct):
            return value
    return None


def build(oracle, family, version, out, word):
    """Builds constructs of a family below out and prints the name and the files of each: word is "made" or "written"."""
    os.environ.update(ORACLE_FAMILY=family, ORACLE_VERSION=version, CANARY_DIR=os.path.join(out, "canary"), CANARY_PORT="1")
    os.makedirs(os.environ["CANARY_DIR"], exist_ok=True)  # builders that trace their payload run it, and clear the marker
    warnings.simplefilter("ignore")
    sys.path.insert(0, oracle)
    sys.dont_write_bytecode = True
    import constructs_container
    import constructs_json

    for c in constructs_json.CONSTRUCTS + constructs_container.CONSTRUCTS:
        if family not in c["loaders"] or (overridden("written", c["id"]) is not None) != (word == "written"):
            continue
        d = os.path.join(out, c["id"])
        os.makedirs(d, exist_ok=True)
        p = c["build"](d)
        if p.endswith(".weights.json"):
            p = os.path.dirname(p)  # the map and its shards
        files = [p] if os.path.isfile(p) else sorted(os.path.join(b, f) for b, _, names in os.walk(p) for f in names)
        for f in files:
            print(c["id"], f, sep="\t")


def built(oracle, python, family, version, out):
    """Builds the constructs of a family and returns (construct, file) for each file; those that a loader writes only with a Python that has it."""
    files = []
    for interpreter, word in ((sys.executable, "made"), (python, "written")):
        if interpreter:
            listed = subprocess.run([interpreter, __file__, "--build", oracle, family, version, out, word], stdout=subprocess.PIPE, check=True, text=True).stdout
            files += [line.split("\t") for line in listed.splitlines()]
    return files


def builds(arguments):
    """The arguments BUILD=PYTHON."""
    return dict(a.split("=", 1) for a in arguments)


def scan(oracle, pythons, top):
    """Builds and scans: (construct, build) -> [result], and the files of each build."""
    generator = os.path.join(top, "geneffects")
    subprocess.run(["go", "build", "-o", generator, GENERATOR], check=True)
    found, places = collections.defaultdict(list), []
    for name, (family, version) in BUILDS.items():
        out = os.path.join(top, name)
        files = built(oracle, pythons.get(name), family, version, out)
        printed = subprocess.run([generator, "-scan"], input="".join(f + "\n" for _, f in files), stdout=subprocess.PIPE, check=True, text=True).stdout
        for (construct, f), line in zip(files, printed.splitlines()):
            result = json.loads(line)
            found[construct, name].append(result)
        places.append(out)
    return found, places


def write_keys(found, name):
    """keys.txt: the findings of each construct with their keys, builds with the same ones together."""
    lines = ["# What kerasvet finds in the files of the measured constructs: CONSTRUCT BUILD..., then a rule and a key a line.",
             "# Printed by .ci/effects.py --keys; not edited by hand."]
    for construct in sorted({c for c, _ in found}):
        same = collections.defaultdict(list)
        for b in BUILDS:
            if (construct, b) in found:
                keys = sorted({f["key"] for r in found[construct, b] for f in r["findings"]})
                same[tuple(keys)].append(b)
        for keys, builds in same.items():
            lines.append(" ".join([construct] + builds))
            lines.extend("\t" + k for k in keys)
    with open(name, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


def letter(finding, mode, accepted, column, order):
    """What is said of one finding: a letter, None where nothing is."""
    family, version = column.rsplit("-", 1)
    at = order[family].index(version)
    for e in finding["effects"]:
        if e["mode"] == mode and (e["what"] == "accepted") == accepted and e["loader"] == family.replace("_", "-"):
            if order[family].index(e["from"]) <= at <= order[family].index(e["to"]):
                return LETTERS[e["effect"]]
    return None


def answer(construct, results, mode, accepted, column, order):
    """What is said of a file: the worst of its findings; None if nothing is found."""
    findings = [f for r in results for f in r["findings"] if f["rule"] != "unanalyzed-content"]
    if accepted:
        said = {letter(f, mode, True, column, order) for f in findings} - {None}
        return min(said, key=WORST.index) if said else ("?" if findings else None)
    acting = [f for f in findings if not f["form"]] or [f for f in findings if f["rule"] == "custom-object" and letter(f, mode, False, column, order)]
    subject = overridden("subject", construct)
    if subject:
        acting = [f for f in acting if subject in f["key"].split()]
    said = {letter(f, mode, False, column, order) or "?" for f in acting}
    return min(said, key=WORST.index) if said else None


def mode_of(row):
    mode = overridden("mode", row["construct"])
    if mode:
        return mode
    return ("directory-" + row["mode"]).replace("-default", "") if row["container"] == "dir" else row["mode"]


def compare(oracle, found):
    with open(os.path.join(oracle, "effects.tsv"), encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    columns = [c for c in rows[0] if re.match(r"(tf\.keras|tf_keras|keras)-\d", c)]
    order = collections.defaultdict(list)
    for c in columns:
        family, version = c.rsplit("-", 1)
        order[family].append(version)
    count, wrong = collections.Counter(), []
    for row in rows:
        construct, accepted = row["construct"], row["what"] == "loaded"
        for c in columns:
            cell = row[c]
            if cell in "?-":
                continue
            count["measured"] += 1
            results = found.get((construct, c if c in BUILDS else c.rsplit("-", 1)[0]))
            if results is None:
                count["not built here"] += 1
                continue
            said = answer(construct, results, mode_of(row), accepted, c, order)
            if said == cell:
                count["said, and equal"] += 1
            elif said == "?" and cell == "e":
                count["that fail for no defence, and said to be unknown"] += 1
            elif said is None and overridden("control", construct) is not None:
                count["controls that act as honest files do"] += 1
            elif said is None and accepted:
                count["nothing found, and only asked whether it loads"] += 1
            elif said is None and cell not in "LCF":
                count["nothing found, and nothing fires"] += 1
            elif overridden("control", construct) is not None:
                count["controls that act as honest files do"] += 1
            else:
                count["disagreements"] += 1
                wrong.append((construct, row["mode"], c, cell, said))
    return count, wrong


def reported(kerasvet, places, found):
    """Whether the effects in the JSON report are those of the generator; None if it has none."""
    by_name = {r["name"]: r for results in found.values() for r in results}
    seen = False
    for out in places:
        run = subprocess.run([kerasvet, "scan", "-f", "json", "--fail-on", "none", out], stdout=subprocess.PIPE, check=False)
        for r in json.loads(run.stdout)["results"]:
            ours = by_name.get(r["name"]) or by_name.get(os.path.join(out, r["name"]))
            if ours is None or not any("effects" in f for f in r["findings"]):
                continue
            seen = True
            theirs = sorted(json.dumps([f["rule"], f.get("effects") or []], sort_keys=True) for f in r["findings"])
            if theirs != sorted(json.dumps([f["rule"], f["effects"]], sort_keys=True) for f in ours["findings"]):
                return r["name"]
    return "" if seen else None


def main():
    if sys.argv[1] == "--build":
        return build(*sys.argv[2:])
    keys = sys.argv[1] == "--keys"
    oracle, *given = sys.argv[2 + keys:]
    oracle, pythons = os.path.abspath(oracle), builds(given)
    with tempfile.TemporaryDirectory() as top:
        found, places = scan(oracle, pythons, top)
        if keys:
            return write_keys(found, sys.argv[2])
        count, wrong = compare(oracle, found)
        differs = reported(os.path.abspath(sys.argv[1]), places, found)
    for what, n in sorted(count.items(), key=lambda x: -x[1]):
        print(f"effects: {n} cells {what}")
    for construct, mode, column, cell, said in wrong:
        print(f"disagreement: {construct}, {mode}, {column}: measured {cell}, said {said or 'nothing'}")
    if differs:
        print(f"effects: the report on {differs} says something else than the generator")
    elif differs is None:
        print("effects: the JSON report has none; only the generator was compared")
    return 1 if count["disagreements"] or differs else 0


if __name__ == "__main__":
    sys.exit(main())
