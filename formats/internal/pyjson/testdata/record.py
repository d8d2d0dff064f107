"""Record what releases of CPython make of documents.

    python3 testdata/record.py PYTHON... > testdata/cpython.tsv

The script runs itself under each PYTHON. Columns: the input in hex; how json.loads
got it, as bytes or as the str that h5py makes of such bytes (UTF-8 with
surrogateescape); the result of the first PYTHON; and for those that differ
RELEASE=RESULT. A result is one of

    ok DUMP       every value, duplicates kept, numbers in their source text
    digits DUMP   the same, but int() refuses an integer for its length
    json POS      JSONDecodeError, with its position in code points
    unicode POS   UnicodeDecodeError, with its position in bytes
"""

import itertools
import json
import subprocess
import sys


def dump(v):
    if isinstance(v, Pairs):
        return "{" + ",".join(text(k) + ":" + dump(x) for k, x in v.pairs) + "}"
    if isinstance(v, list):
        return "[" + ",".join(map(dump, v)) + "]"
    if isinstance(v, Source):
        return "#" + v.source
    if isinstance(v, str):
        return text(v)
    return {None: "null", True: "true", False: "false"}[v]


def text(s):
    return '"' + s.encode("utf-8", "surrogatepass").hex() + '"'


class Pairs:
    def __init__(self, pairs):
        self.pairs = pairs


class Source:
    def __init__(self, source):
        self.source = source


def loads(doc):
    return json.loads(doc, object_pairs_hook=Pairs, parse_int=Source, parse_float=Source, parse_constant=Source)


def result(raw, kind):
    try:
        doc = raw if kind == "bytes" else raw.decode("utf-8", "surrogateescape")
        dumped = dump(loads(doc))
    except json.JSONDecodeError as e:
        return "json %d" % e.pos
    except UnicodeDecodeError as e:
        return "unicode %d" % (e.start + len(raw) - len(e.object))  # utf-8-sig has taken the mark away
    try:
        json.loads(doc)
    except ValueError:
        return "digits " + dumped
    return "ok " + dumped


def row(doc):
    kind = "bytes" if isinstance(doc, bytes) else "str"
    raw = doc if isinstance(doc, bytes) else doc.encode("utf-8", "surrogatepass")
    rows.append((raw, kind))


rows = []
BASE = ['{}', '[]', '""', '0', '{"a":1}', '[1,2,[3,{"b":null}]]', '{"é":"☃\\u2603 😀"}', '[true,false,null]', '{"a":1,"a":2,"a":{"a":3}}']
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
VALUES = """1 -1 0 -0 00 01 -01 1. .5 1.5 -1.5e3 1e5 1E+5 1e-5 1e 1e+ 1.e5 +1 0x10 1_0 1e999 -1e999 NaN -NaN Infinity -Infinity +Infinity Inf nan
 null nul nullx true True truefalse false NULL - -a 1a 1.5.5 123456789012345678901234567890 '' ' 'a' undefined // /**/ 1/**/ ١""".split()
STRINGS = [r'"\"\\\/\b\f\n\r\t"', r'"\u0041"', r'"\u00e9"', r'"\u00E9"', r'"\uD83D\uDE00"', r'"\uD83D"', r'"\uD83Dx"', r'"\uD83D\u0041"', r'"\uD83D\uD83D\uDE00"', r'"\uDE00\uD83D"',
           r'"\u12"', r'"\u 123"', r'"\u+123"', r'"\u1_23"', r'"\u123g"', r'"\U0041"', r'"\x41"', r'"\'"', r'"\a"', r'"\0"', '"\\', '"\\u', '"\\u0041', '"abc', '"a\nb"', '"a\tb"', '"a\x00b"', '"a\x1fb"',
           '"a\x7fb"', '"\u2028"', r'"\uD83D\u"', r'"\uD83D\uZZZZ"', r'"\uD83D\n"', '"\\\n"', "'a'", '"\ud800"', '"\udfff"', '"\ud83d\ude00"', r'"\u0000"', '"\ufeff"']
STRUCTURE = ['', ' ', '\n', '{', '}', '[', ']', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{,}', '[1,]', '[,1]', '[,]', '[1 2]', '{"a" 1}', '{"a":1 "b":2}', '{a:1}', "{'a':1}", '{1:2}', '{null:1}', '[1]]',
             '[1] 2', '[1] [', '{} {}', ' \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n', '{ "a" : 1 , "b" : 2 }', '\x0b[]', '\x0c[]', '\xa0[]', '[]\xa0', '[\u20281]', '\ufeff[]', '[]\ufeff', '// c\n[]', '[] // c',
             '{"a":[}', '[{]', '{"a":{"b":[1,{"c":2}]}}', '[[[[[[]]]]]]', '[]\x00', '\x00[]', '{"\\u0061":1,"a":2}', '[1:2]', '{"a",1}', '{"a"::1}', '[1,,2]', '{"a":1,,"b":2}', '"a" "b"', '"a":1']
RAW = [b'', b'\x00', b'\xff', b'1', b'12', b'\x001', b'1\x00', b'\x00\x00', b'\xef\xbb\xbf', b'\xef\xbb\xbf\xef\xbb\xbf[]', b'\xff\xfe', b'\xfe\xff', b'\xff\xfe\x00\x00', b'\x00\x00\xfe\xff', b'\xff\xfe[\x00]\x00',
       b'\xff\xfe[\x00]', b'\xff\xfe\xff\xfe[\x00]\x00', b'[\x00]', b'[\x00]\x00', b'\x00[\x00]', b'"\xc3\xa9"', b'"\xc3"', b'"\xed\xa0\x80"', b'"\xed\xbf\xbf"', b'"\xed\xa0\xbd\xed\xb8\x80"', b'"\xc0\x80"', b'"\xf4\x90\x80\x80"',
       b'"\xf0\x9f\x98\x80"', b'"\xe2\x28\xa1"', b'[\x00\x00\x00]\x00\x00\x00', b'[\x00\x00\x00]\x00\x00', b'"\x00\x3d\xd8"\x00', b'"\x00\x3d\xd8\x00\xde"\x00', b'"\x00\x00\xde\x3d\xd8"\x00', b'"\x00\x00\x00\x00\x00\x11\x00"\x00\x00\x00',
       b'"\x00\x00\x00\x00\xd8\x00\x00"\x00\x00\x00', b'\x00"\xd8\x3d\x00"', b'[1,\xff]', b'\x80', b'{"a":1}\xff']
DIGITS = ["1" * n for n in (4299, 4300, 4301)] + ["[-%s,1]" % ("7" * n) for n in (4300, 4301)] + ["1" * 4301 + ".5", "1" * 4301 + "e1", "1." + "1" * 4301]

for doc in BASE:
    for e in ENCODINGS:
        row(doc.encode(e))
for v in VALUES:
    row(v)
    row("[%s]" % v)
    row('{"k":%s}' % v)
for s in STRINGS:
    row(s)
    row(s.encode("utf-8", "surrogatepass"))
    row("{%s:1}" % s)
    row('[%s,%s]' % (s, s))
for s in STRUCTURE:
    row(s)
    row(s.encode())
for b in RAW:
    row(b)
    row(b[:3])
    rows.append((b, "str"))
for v in VALUES + STRINGS:
    for e in ENCODINGS:
        row(('[1, %s , "\u00e9\U0001f600"]' % v).encode(e, "surrogatepass"))
for v in ["[1,\ud800]", '"\ud800', '"\udc00\ud83d"']:
    for e in ENCODINGS:
        whole = v.encode(e, "surrogatepass")
        for n in range(5):
            row(whole[:len(whole) - n])
for d in DIGITS:
    row(d)
for p in itertools.product('[]{},:"1 ', repeat=4):
    row("".join(p))

rows = list(dict.fromkeys(rows))
if sys.argv[1:] == ["-"]:
    for r in rows:
        print(result(*r))
    sys.exit()
results = []
for python in sys.argv[1:]:
    release = subprocess.check_output([python, "-c", "import platform; print(platform.python_version())"], universal_newlines=True).strip()
    results.append((release, subprocess.check_output([python, __file__, "-"], universal_newlines=True).splitlines()))
for i, (raw, kind) in enumerate(rows):
    first = results[0][1][i]
    others = ["%s=%s" % (release, lines[i]) for release, lines in results[1:] if lines[i] != first]
    print(raw.hex(), kind, first, *others, sep="\t")
