"""Record what packaging answers: python3 record.py > packaging.txt

Lines: "version TEXT -> NORMAL" or "version TEXT invalid"; "order A B -> -1|0|1";
"spec TEXT invalid"; "match SPEC VERSION -> 0|1"; "empty SPEC -> 0|1" (no version
meets it). Texts are JSON strings.
"""
import json
import random

import packaging
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

random.seed(440)
q = json.dumps

FIXED = """1 1.0 1.0.0 1.0.1 v1.0 V1.0 1!0 1!1.0 01.02 1.0a 1.0a0 1.0a1 1.0.a.1 1.0-alpha-1 1.0_beta_2 1.0b2 1.0c1 1.0rc1 1.0pre1
1.0preview1 1.0RC1 1.0.post 1.0.post0 1.0.post1 1.0-1 1.0-r4 1.0.rev4 1.0r4 1.0.dev 1.0.dev0 1.0.dev456 1.0a1.dev1 1.0a1.post1
1.0a1.post1.dev2 1.0.post1.dev2 1.0+abc 1.0+abc.5 1.0+abc.7 1.0+5 1.0+10 1.0+ABC-1_x 1.0+0005 1.0.post1+l 1.0a1+l 1.1.dev1 1.2.3.4.5.6
2.13.1rc0 2.13.1 2.15.0rc1 3.0.0 3.12.0.dev2025100703 3.12.4 3.13.0.dev0 3.15.1 99999999999999999999999999 99999999999999999999999998
0 0.0 0.dev0 0a0 0.0.post0 1.0.0.dev0 1.0.0.1 1.0.0.1.dev0 1.0a2.dev0 1.0.post1.dev0 2.0 2.0.dev0 2.0a1 1.9 1.9.9 1.10 1.0+a 1.0+a.a 1.0+a.0""".split()
BAD = ["", " ", "foo", "1..0", "1.", ".1", "1.0+", "1.0+a+b", "1.0-", "1.0a1b1", "1.0.post1.post2", "1.0.dev1.dev2", "1!", "!1", "1.0.*",
       "1.0 1", "1.0\u0661", "\u0661", "1.0.po\u017ft1", "1.0+\u212a", "1,0", "==1.0", "1.0--1", "vv1", "v 1", "1.0a.", "1.0dev1a1", "1_0", "1e5", "0x1"]
SPACED = [" 1.0", "1.0\n", "\t1.0rc1 ", "1.0\x1c", "\x0b1.0\x0c"]
BAD_SPECS = ["=1.0", "1.0", "~=1", "~=1.0.*", "~=1.0+l", ">=1.0.*", ">=1.0+l", "<1.0+l", "<=1.0+l", ">1.0+l", "==1.0a1.*", "==1.0.dev1.*", "== ", ">", "=>1", "<>1",
             "===a b", "===a;b", "===a)", "!1.0", "==1.0,,foo", "==foo", "!=1.0+*", "==*", "==1.*.*", "====1"]


def random_version():
    r = random.random
    s = ("1!" if r() < .05 else "") + ".".join(str(random.choice([0, 0, 1, 2, 9, 10])) for _ in range(random.choice([1, 2, 2, 3, 4])))
    if r() < .3:
        s += random.choice(["a", "b", "rc"]) + str(random.choice([0, 1, 2, 9]))
    if r() < .25:
        s += ".post" + str(random.choice([0, 1, 9]))
    if r() < .25:
        s += ".dev" + str(random.choice([0, 1, 9]))
    if r() < .15:
        s += "+" + random.choice(["a", "0", "a.1", "10", "9", "abc"])
    return s


def public(v):
    return v.split("+")[0]


def random_clause():
    op = random.choice(["==", "!=", "~=", "<", "<=", ">", ">=", "===", "==*", "!=*"])
    v = random_version()
    if op.endswith("*"):
        return op[:2] + str(Version(v).base_version) + ".*"
    if op in ("<", "<=", ">", ">="):
        v = public(v)
    if op == "~=":
        v = public(v)
        if len(Version(v).release) < 2:
            v = "1.0" + v[len(Version(v).base_version):] if "!" not in v else "1!1.0"
    return op + random.choice(["", " "]) + v


print(f"# packaging {packaging.__version__}")
for text in FIXED + BAD + SPACED:
    try:
        print("version", q(text), "->", q(str(Version(text))))
    except InvalidVersion:
        print("version", q(text), "invalid")

versions = sorted(set(FIXED + [random_version() for _ in range(120)]))
for _ in range(2500):
    a, b = random.choice(versions), random.choice(versions)
    x, y = Version(a), Version(b)
    print("order", q(a), q(b), "->", (x > y) - (x < y))

specs = {random_clause() for _ in range(220)}
specs |= {",".join(random_clause() for _ in range(random.choice([2, 2, 3]))) for _ in range(220)}
specs |= {"", ",", "==1.0,", ">=3.9,<3.12", "~=3.12.0", "~= 3.9", "==3.*", "!=3.*", "===foo", "===1.0", "=== 1.0", "===FOO", "===", "==1.0+ABC", "==1.0-1", ">1.0", ">1.0a1", "<1.0", "<1.0a1", "<0", "<0.dev0", "<=0.dev0",
          ">=0.dev0", ">1.0a1,<1.0a2.dev0", ">1.0,<1.0.post1", ">1.0.post1,<1.0.post2", "!=1.0,==1.0", "~=1!2.0", "==01.0", "~=0.0", ">1.0,<1.0.0.1"}
for spec in BAD_SPECS:
    try:
        SpecifierSet(spec)
        print("spec", q(spec), "valid")
    except InvalidSpecifier:
        print("spec", q(spec), "invalid")
for spec in sorted(specs):
    s = SpecifierSet(spec)
    print("empty", q(spec), "->", int(s.is_unsatisfiable()))
    edges = [c.version.removesuffix(".*") for c in s]
    for v in edges + random.sample(versions, 12) + random.sample(BAD[2:8] + ["1.0", "1.0.post1", "1.0+abc", "FOO"], 3):
        print("match", q(spec), q(v), "->", int(s.contains(v)))
