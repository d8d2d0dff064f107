"""Compiles the functions of tricks.txt, without running them: PYTHON tricks.py tricks.txt OUT.txt

One line a function: id, and marshal.dumps of its code object in base64. Works with CPython 2.7 and 3.6 on.
"""
import base64, io, marshal, sys, warnings

CODE = type((lambda: 0).__code__)


def cases(path):
    head = None
    with io.open(path, encoding="ascii") as lines:
        for line in lines:
            if line.startswith("-- "):
                if head: yield head, source
                head, source = line[3:].split(), ""
            elif head:
                source += line
    yield head, source


def number(text):
    return tuple(int(n) for n in text.split("."))


with io.open(sys.argv[2], "w", encoding="ascii", newline="\n") as out:
    for head, source in cases(sys.argv[1]):
        options = dict(word.split("=", 1) for word in head[2:])
        if not number(options.get("min", "2.7")) <= sys.version_info[:2] <= number(options.get("max", "9.9")):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = compile(source, "model.py", "exec", dont_inherit=True)
        code = next(c for c in module.co_consts if isinstance(c, CODE))
        text = base64.b64encode(marshal.dumps(code)).decode("ascii")
        out.write(u"%s %s\n" % (head[0], text))
