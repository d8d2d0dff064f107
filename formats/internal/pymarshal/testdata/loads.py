"""Record what marshal.loads of one CPython makes of each case; runs nothing.

usage: for p in PYTHON...; do $p loads.py < cases.txt; done > loads.txt

A line of cases.txt is a name and bytes in hexadecimal; HEX*COUNT+HEX repeats the
first. A line of the output is the version, the name and "ok", the kind of the
object and a number's repr; or the name of the exception; or "crash". Each case
has a process of its own, because CPython does crash on some.
"""
import marshal, numbers, os, sys
from binascii import unhexlify


def unhex(text):
    if "*" in text:
        run, rest = text.split("*")
        count, rest = rest.split("+")
        text = run * int(count) + rest
    return unhexlify(text.strip("-"))


def said(data):
    try:
        x = marshal.loads(data)
    except Exception as e:
        return type(e).__name__
    number = isinstance(x, numbers.Number) and not isinstance(x, bool)
    return "ok " + type(x).__name__ + (" " + repr(x) if number else "")


for line in sys.stdin:
    if line.startswith("#") or not line.strip():
        continue
    name, data = line.split()
    head = "%d.%d %s " % (sys.version_info[0], sys.version_info[1], name)
    pid = os.fork()
    if pid == 0:
        os.write(1, (head + said(unhex(data)) + "\n").encode())
        os._exit(0)
    if os.waitpid(pid, 0)[1] != 0:
        os.write(1, (head + "crash\n").encode())
