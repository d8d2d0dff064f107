"""Prints compat.txt: the names of Python 2 that Python 3 replaces while it reads protocols 0 to 2.

Usage: python3 compat.py > ../compat.txt
"""
import _compat_pickle

print("# Names of Python 2, and what Python 3 takes for them in protocols 0 to 2. Printed by testdata/compat.py from Lib/_compat_pickle.py.")
for old, new in sorted(_compat_pickle.IMPORT_MAPPING.items()):
    print(old, new)
for old, new in sorted(_compat_pickle.NAME_MAPPING.items()):
    print(".".join(old), ".".join(new))
