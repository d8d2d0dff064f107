"""Writes documents.txt: YAML texts and the events that PyYAML's pure Python parser makes of them.

A case is "case HEX", then a line per event, then "end" or "error". A scalar that is plain and has no tag is followed by what the resolver of
YAML 1.1 makes of it. Run with PyYAML installed: python3 documents.py > documents.txt
"""
import yaml

CASES = [
    "", "a", "a: b", "- a\n- b\n", "a:\n  b: c\n  d:\n  - e\n  - f\ng: h\n", "a:\n- b\n- c\nd: e", "- - - a\n    - b\n  - c\n- d\n",
    "class_name: Sequential\nconfig:\n- class_name: Dense\n  config: {units: 3, name: d}\n",
    "batch_input_shape: !!python/tuple\n- null\n- 4\nx: !!python/tuple [null, 28]\n", "pool_size: &id001 !!python/tuple [2, 2]\nstrides: *id001\n",
    "pool_size: !!python/tuple &id001 [2, 2]\nstrides: *id001\n",
    "!!python/object/apply:os.system ['touch marker']", "!!python/object/new:os.system\nargs: [x]\n", "a: !!python/name:os.system ''\nb: !!python/name:os.system",
    "!<tag:yaml.org,2002:python/object/apply:os.system> [x]", "%TAG !p! tag:yaml.org,2002:python/\n---\n!p!object/apply:os.system [x]\n",
    "%TAG ! tag:yaml.org,2002:python/object/apply:\n---\n!os.system [x]\n", "%YAML 1.1\n---\na: b\n", "%FOO\n---\nx", "!!python/object%2Fapply:os.system [x]",
    "! a", "!a b", "!!str 1", "!p!x y", "%TAG !p! x\n%TAG !p! y\n---\na",
    "'a\n\n  b ''c'' d'", '"a\\n\\x41\\u00e9\\U0001F600\\\n   b\\\tc\n\n d"', "'4wEA\n\n  AHIC\n\n  '", '"open', "'open", '"\\q"', '"a\n---\nb"', '"\\ud800"',
    "a: plain text\n  that goes on\n\n  after a blank\nb: c", "a # comment\n# more\nb", "a: b # comment\n# c\nd: e", "a#b: c#d", "a:b", "a : b", "a:\tb", "\ta: b", "a: \t b",
    "- a: 1\n  b: 2\n- c", "-a", "- -a", "?a: b", "? a\n: b", "? - a\n: - b\n? c", "? a", ": a", "a: b: c", "a: 'b' c", "a:\n b:\n  c\n d: e", "a:\n  b\n c: d", "a: [b\n, c]", "[a, b", "a]", "{a: b, c, ? d : e, f: }", "[a: b, ? c : d, : e, ? ]",
    "{a:b, 'c':d, \"e\":f}", "[a:b]", "[a?b]", "{a, b: }", "[,]", "[a,,b]", "{}", "[]", "[[[]]]", "[a]: b", "{a: b}: c", "[a\n]: b",
    "|\n  a\n   b\n\n  c\n", ">\n a\n b\n\n c\n  d\n e\n", "a: |-\n  x\n  y\n\nb: >+\n  x\n\n  y\n\nc: |2\n    x\n", "a: |0\n x", "a: | x\n y", "- |\n a\n- >\n b", "|\n", "a: |  # c\n  x", "a: |1\n x\n  y", "|\n\n\n x\n",
    "--- a\n--- b\n", "a\n...\nb", "a\n...\n---\nb", "---\n...\n---\n", "--- |\n x\n--- >\n y\n", "---a: b", "a: ---", "...\na", "a\n--- b\n... c",
    "&a b", "&a", "*a", "&a : b", "*a : b", "& a", "&a&b c", "&a *a", "*a.b", "&a [*a]", "a: &x\nb: *x", "!!str", "a: !!str\nb: c", "!!str &x", "- !!null\n- x",
    "@a", "`a", "%a", "a: %b", "a: @b", "a: 'b'\n c: d", "a\nb: c", "a: b\n- c", "- a\nb: c", "a:\n- b\n c", " a: b\n c: d", "a: b\n  c: d",
    "<<: {a: b}\nc: d", "&x a: 1\n<<: *x", "a: =\n=: b", "x" * 1030 + ": b", "? " + "x" * 1030 + "\n: b", "[" + "x" * 1030 + ": b]", "é: ü\n日本: [語]\n", "- é: a\n  b: c", "a\u0085b: c", "a\u2028b: c", "a\r\nb\r\n: c", "a: b\rc: d", "a\x00b", "\ufeffa: b",
    "ints: [0, 1, -1, +1, 010, 08, 0x1F, 0b101, 1_000, 1:30, 190:20:30, 0o7, 12e3, 0x, 09, 1__0, _1]",
    "floats: [1.0, 1., .5, -.5, 1.0e-07, 1e-07, 1.0e7, 1.5E+3, .inf, -.INF, .nan, 1:30.5, 1_0.0_1, ., .e, 6.8523015e+5, +12.3]",
    "bools: [yes, No, ON, off, true, False, y, n, tRue]", "nulls: [null, ~, NULL, nUll, '']", "times: [2001-01-01, 2001-12-14t21:59:43.10-05:00, 2001-1-1]",
]


def kind(e):
    return type(e).__name__.replace("Event", "")


def lit(s):
    return s.encode("utf-8", "surrogatepass").hex() or "-"


resolver = yaml.SafeLoader("")
constructor = yaml.SafeLoader("")


def resolved(e):
    tag = resolver.resolve(yaml.ScalarNode, e.value, (True, False)).rsplit(":", 1)[1]
    if tag in ("int", "float"):
        try:
            return "number %r" % constructor.construct_object(yaml.ScalarNode("tag:yaml.org,2002:" + tag, e.value))
        except ValueError:
            return "number 0"
    if tag == "bool":
        return "bool %s" % str(constructor.construct_object(yaml.ScalarNode("tag:yaml.org,2002:bool", e.value))).lower()
    return {"null": "null null", "merge": "merge <<"}.get(tag, "text")


for text in CASES:
    print("case", lit(text))
    try:
        for e in yaml.parse(text, Loader=yaml.SafeLoader):
            k = kind(e)
            if k in ("StreamStart", "StreamEnd"):
                continue
            parts = [k]
            if k == "Alias":
                parts += [lit(e.anchor)]
            elif k in ("Scalar", "SequenceStart", "MappingStart"):
                parts += ["anchor=" + (e.anchor or ""), "tag=" + (e.tag or "")]
            if k == "Scalar":
                parts += [lit(e.value)]
                if e.tag is None and e.style is None:
                    parts.append(resolved(e))
            print(" ".join(parts))
        print("end")
    except (yaml.YAMLError, UnicodeError) as e:
        print("error")
