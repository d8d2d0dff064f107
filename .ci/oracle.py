"""Scan the files of the measured constructs and hold what is found to the measurement.

    python3 .ci/oracle.py KERASVET ORACLE_DIR [BUILD=PYTHON...]

ORACLE_DIR has the builders of the files and effects.tsv: what real loaders did
with each. Every construct that some loader acts on must be flagged; every control
must be clean, unless its form alone is a finding. Needs h5py. BUILD=PYTHON as for
.ci/effects.py, of which keras and tf.keras-2.15.0 count.
"""

import collections
import csv
import json
import os
import re
import subprocess
import sys
import tempfile

import effects

# Constructs that loaders act on and that are no attack, or that docs/caveats.md explains.
SILENT = {
    r"weights-(plain|big-endian-double|chunked-gzip|lzf|fill-value|hard-link)-.*": "honest weights in an unusual form",
    r"shards-(beside|list)|dir-weights-plain|h5-layer-names-chunked|(dir|zip)-asset-vocabulary": "honest files",
    r"dir-(weights|asset-vocabulary)-symlink": "caveat: links in directories",
    r"registered-object-own-entry-.*": "custom-object, which is information",
}

# Controls whose harmless payload comes in a form that is a finding by itself, or
# that no loader can read.
ABNORMAL = re.compile(
    r"zip-.*|name-zip-.*|h5-(config-(userblock|opaque|uint8)|prefix|suffix|json-(trailing-text|utf16|utf8-bom)).*|"
    r"json-(comment|control-character|invalid-utf8|leading-zero|line-comment|nbsp|overlong-utf8|plus-number|trailing-.*|vertical-tab|null-first-key)-control|"
    r"savedmodel-keras-lambda-control|pickle-.*|dir-zip-.*|npz-.*"
)


def scan(kerasvet, out):
    """Scans a directory and returns, by construct, the rules from low up and what was unread."""
    run = subprocess.run([kerasvet, "scan", "-f", "json", "--fail-on", "none", "--path-base", out, out], stdout=subprocess.PIPE, check=False)
    found = collections.defaultdict(set)
    for r in json.loads(run.stdout)["results"]:
        construct = r["name"].split("/")[0]
        found[construct] |= {f["rule"] for f in r["findings"] if f["severity"] != "info"}
        if r["problems"]:
            found[construct].add("unanalyzed-content")
    return found


def main():
    kerasvet, oracle = map(os.path.abspath, sys.argv[1:3])
    pythons = effects.builds(sys.argv[3:])
    acts, control = set(), set()
    with open(os.path.join(oracle, "effects.tsv"), encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            cells = [v for k, v in row.items() if re.match(r"(tf\.keras|tf_keras|keras)-\d", k)]
            if row["what"] not in ("loaded", "custom") and any(v in ("L", "C", "F") for v in cells):
                acts.add(row["construct"])
            if row["construct"].endswith("-control"):
                control.add(row["construct"])
    found, built = collections.defaultdict(set), set()
    with tempfile.TemporaryDirectory() as top:
        for name in ("keras", "tf.keras-2.15.0"):
            out = os.path.join(top, name)
            built |= {construct for construct, _ in effects.built(oracle, pythons.get(name), *effects.BUILDS[name], out)}
            for construct, rules in scan(kerasvet, out).items():
                found[construct] |= rules
    silent = {c for c in acts if any(re.fullmatch(p, c) for p in SILENT)}
    missed = sorted(c for c in (acts & built) - silent if not found[c])
    alarms = sorted(c for c in control & built if found[c] and not ABNORMAL.fullmatch(c))
    print(f"oracle: {len(built)} constructs built, {len((acts & built) - silent) - len(missed)} of {len((acts & built) - silent)} that a loader acts on flagged, "
          f"{len(control & built)} controls, {len(alarms)} alarms")
    for c in missed:
        print(f"missed: {c}")
    for c in alarms:
        print(f"alarm: {c}: {', '.join(sorted(found[c]))}")
    return 1 if missed or alarms else 0


sys.exit(main())
