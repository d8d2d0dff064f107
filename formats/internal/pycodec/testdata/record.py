"""Record how CPython decodes the text forms of bytes.

    python3 testdata/record.py > testdata/cpython.tsv

CPython 3.6 to 3.13.0 all write the same table. Columns: function, input (JSON
string), result in hex or the error's class.
"""

import binascii
import itertools
import json

BASE64 = ["", "=", "==", "A", "AA", "AAA", "AAAA", "AA==", "AA=", "AAA=", "A===", "A=A=", "A=AA", "=AAAA", "==AAAA", "AA==AA==", "AA==zzzz", "AA=A=",
          "AA=AA", "AAA=A", "A A\nA\tA", "A!A@A#A", "AA\u00e9AA", "-_-_", "+/+/", "4wEAAAA=", "4wEAAAA=\n", "!4!w!E!A!A!A!A!=", "AAAA=", "AAAA==", "AAAAA===", "A=A===", "AA=!=", "AA!=="]
BASE64 += ["".join(p) for n in range(1, 6) for p in itertools.product("A/=!", repeat=n)]
RAW = ["", "abc", "c\u0000\u0001\u00e9\u00ff", "\u0100", "\u20ac", "\U0001f600", "\ud800", "a\udfffb", "\\u0041"]


def show(f, s):
    try:
        return f(s).hex()
    except Exception as e:
        return type(e).__name__


for s in BASE64:
    print("base64", json.dumps(s), show(lambda s: binascii.a2b_base64(s.encode("ascii")), s), sep="\t")
for s in RAW:
    print("raw", json.dumps(s), show(lambda s: s.encode("raw_unicode_escape"), s), sep="\t")
