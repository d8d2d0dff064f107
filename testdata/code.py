"""Prints the marshalled code of a function as Keras writes it, for the cases of the lambda-bytecode rules.

Usage: PYTHON code.py SOURCE    (the first function in SOURCE; "\\n" in SOURCE is a new line)
"""
import codecs
import json
import marshal
import sys
import types


def first(code):
    for c in code.co_consts:
        if isinstance(c, types.CodeType):
            return c
    raise SystemExit("no function in the source")


source = sys.argv[1].replace("\\n", "\n")
raw = marshal.dumps(first(compile(source, "<stdin>", "exec")))
print(json.dumps(codecs.encode(raw, "base64").decode("ascii")))
