"""Print TensorFlow's operations, or merge such lists of several versions.

    python ops.py > one.txt                      in an environment of that version
    python ops.py merge old.txt ... new.txt > ops.txt

A line is NAME, "S" if the operation is registered as stateful or "-", then words
  <arg:type    an input; the types are s string, r resource, v variant, x any other,
               a type attribute's name in brackets; "*attr" if there are attr of it,
               "[attr]*" if a list attribute gives their types
  >type        an output
  @attr        an attribute that is text and not one of a few given values
  &attr        an attribute that names functions
A later version's line replaces an earlier one's.
"""

import os
import sys

TYPES = {7: "s", 20: "r", 21: "v"}


def argument(a):
    if a.type_list_attr:
        return "[%s]*" % a.type_list_attr
    kind = TYPES.get(a.type, "x") if a.type else "[%s]" % a.type_attr
    return kind + ("*" + a.number_attr if a.number_attr else "")


def registered():
    from tensorflow.core.framework import op_def_pb2

    ops = op_def_pb2.OpList()
    try:
        from tensorflow.python.client import pywrap_tf_session as c

        ops.ParseFromString(c.TF_GetBuffer(c.TF_GetAllOpList()))
    except ImportError:
        from tensorflow.python import pywrap_tensorflow as c

        ops.ParseFromString(bytes(c.TF_GetBuffer(c.TF_GetAllOpList())))
    return ops.op


def lines():
    for op in registered():
        words = [op.name, "S" if op.is_stateful else "-"]
        words += ["<%s:%s" % (a.name, argument(a)) for a in op.input_arg]
        words += [">" + argument(a) for a in op.output_arg]
        words += ["@" + a.name for a in op.attr if a.type in ("string", "list(string)") and not a.allowed_values.list.s]
        words += ["&" + a.name for a in op.attr if a.type in ("func", "list(func)")]
        yield " ".join(words)


def merge(paths):
    known = {}
    for path in paths:
        with open(path) as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    known[line.split(" ")[0]] = line.rstrip("\n")
    return known.values()


if __name__ == "__main__":
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if sys.argv[1:2] == ["merge"]:
        print("# The operations that TensorFlow registers, versions 1.15 to 2.21. Written by ops.py, which says what the words mean.")
        found = merge(sys.argv[2:])
    else:
        found = lines()
    for text in sorted(found):
        print(text)
