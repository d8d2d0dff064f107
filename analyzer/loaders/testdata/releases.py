"""List the releases that are offered, withdrawn ones left out: python3 releases.py > releases.txt"""
import datetime
import subprocess

print("# Releases that the package index offers, withdrawn ones left out. Printed by testdata/releases.py.")
print("date", datetime.date.today())
for name in ["keras", "tf-keras", "keras-hub", "keras-nlp", "keras-cv"]:
    out = subprocess.run(["pip", "index", "versions", "--pre", "--ignore-requires-python", name], capture_output=True, text=True, check=True).stdout
    line = next(s for s in out.splitlines() if s.startswith("Available versions: "))
    print(name, *line.removeprefix("Available versions: ").split(", "))
