"""Prints golden.txt: what real pickles import, call and build, as CPython's own Unpickler in Python says.

The Unpickler is lib/pickle.py's with a find_class that gives dummies, so that nothing is imported and nothing runs.
Arrays of joblib are read by joblib itself, which says where in the file they lie.

Usage, where numpy and joblib are installed: python3 record.py > golden.txt
"""
import array, collections, copyreg, datetime, decimal, fractions, functools, io, pickle, random, re, struct, sys, uuid

lines = []


class Named:
    """What an import gives."""

    def __init__(self, path):
        self.path = path


class Made:
    """What a call gives."""

    def __init__(self, path):
        self.path = path

    def append(self, _): filled("append " + self.path)
    def __setitem__(self, k, v): filled("setitem " + self.path)


def filled(line):
    """One opcode may add several elements."""
    if lines[-1] != line:
        lines.append(line)


def called(f, args):
    path = getattr(f, "path", "?") if isinstance(f, Named) else "?"
    lines.append("call %s %d" % (path, len(args)))
    made = args[0].path if path.startswith("copyreg._") and args and isinstance(args[0], Named) else path
    return Made(made)


class Recorder(pickle._Unpickler):
    dispatch = dict(pickle._Unpickler.dispatch)

    def find_class(self, module, name):
        if self.proto < 3:
            import _compat_pickle as c
            if (module, name) in c.NAME_MAPPING:
                module, name = c.NAME_MAPPING[module, name]
            elif module in c.IMPORT_MAPPING:
                module = c.IMPORT_MAPPING[module]
        lines.append("import %s.%s" % (module, name))
        return Named(module + "." + name)

    def persistent_load(self, pid):
        lines.append("persistent")
        return None

    def get_extension(self, code):
        lines.append("extension %d" % code)
        self.append(Named("?"))

    def _instantiate(self, klass, args): self.append(called(klass, args))

    def load_reduce(self):
        args = self.stack.pop()
        self.stack[-1] = called(self.stack[-1], args)

    def load_newobj_ex(self):
        kwargs, args, cls = self.stack.pop(), self.stack.pop(), self.stack.pop()
        self.append(called(cls, tuple(args) + ((kwargs,) if kwargs else ())))

    def load_build(self):
        self.stack.pop()
        lines.append("build " + getattr(self.stack[-1], "path", "?"))

    def load_additems(self):
        items, target = self.pop_mark(), self.stack[-1]
        if not isinstance(target, set):
            target.append(items)

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.NEWOBJ[0]] = load_reduce
    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex
    dispatch[pickle.BUILD[0]] = load_build
    dispatch[pickle.ADDITEMS[0]] = load_additems


def record(name, data):
    del lines[:]
    f = io.BytesIO(data)
    try:
        Recorder(f, buffers=iter([b""] * 9)).load()
        end = "end %d" % f.tell()
    except Exception as e:
        end = "fails"
    show(name, "pickle", data, lines + [end])


def show(name, kind, data, facts):
    print("-- %s %s" % (kind, name))
    for i in range(0, len(data), 60):
        print(data[i:i + 60].hex())
    for line in facts:
        print("  " + line)


class Plain:
    def __init__(self): self.a = 1


class Slots:
    __slots__ = ("a", "b")

    def __init__(self): self.a, self.b = 1, 2


class Keywords:
    def __new__(cls, *, k=None): return object.__new__(cls)
    def __getnewargs_ex__(self): return (), {"k": 1}


class Listy(list): pass
class Dicty(dict): pass
class State:
    def __getstate__(self): return (1, [2])
    def __setstate__(self, s): pass


for c in (Plain, Slots, Keywords, Listy, Dicty, State):
    c.__module__ = "shop.goods"
shop = type(sys)("shop")
goods = type(sys)("shop.goods")
sys.modules["shop"], sys.modules["shop.goods"] = shop, goods
for c in (Plain, Slots, Keywords, Listy, Dicty, State):
    setattr(goods, c.__name__, c)
shared = [1]
loop = []
loop.append(loop)
objects = {
    "scalars": [None, True, False, 0, -1, 255, 256, 65536, 2 ** 40, -2 ** 70, 2 ** 2100, 1.5, "a", "\u20ac\U0001f600", b"b\x80", bytearray(b"c"), 1j, ..., NotImplemented],
    "containers": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], {}, {1: 2}, set(), {1}, frozenset({1})],
    "shared": [shared, shared, (shared,)],
    "loop": loop,
    "plain": Plain(),
    "state": State(),
    "listy": Listy([1, 2]),
    "dicty": Dicty(a=1),
    "ordered": collections.OrderedDict(a=1, b=2),
    "default": collections.defaultdict(list, a=[1]),
    "times": [datetime.datetime(2020, 1, 2), datetime.timedelta(1), datetime.date(2020, 1, 2), datetime.timezone.utc],
    "numbers": [decimal.Decimal("1.5"), fractions.Fraction(1, 2), uuid.UUID(int=1), range(3), slice(1, 2)],
    "partial": functools.partial(len, "a"),
    "pattern": re.compile("a+"),
    "deque": collections.deque([1], 3),
    "classes": [Plain, len, dict, collections.OrderedDict],
    "error": ValueError("x"),
    "large": list(range(2500)),
    "text300": "x" * 300,
}
for name, value in objects.items():
    for protocol in range(6):
        record("%s-%d" % (name, protocol), pickle.dumps(value, protocol))
for protocol in range(2, 6):
    record("slots-%d" % protocol, pickle.dumps(Slots(), protocol))
    if protocol >= 4:
        record("keywords-%d" % protocol, pickle.dumps(Keywords(), protocol))


class Persistent(pickle.Pickler):
    def persistent_id(self, o): return "id" if o is shared else None


for protocol in range(6):
    f = io.BytesIO()
    Persistent(f, protocol).dump([shared])
    record("persistent-%d" % protocol, f.getvalue())
copyreg.add_extension("shop.goods", "Plain", 70000)
for protocol in range(2, 6):
    record("extension-%d" % protocol, pickle.dumps(Plain(), protocol))

u = lambda s: b"\x8c" + bytes([len(s)]) + s
P = b"\x80\x04"
by_hand = {
    "inst": b"(S'id'\nios\nsystem\n.",
    "inst-empty": b"(iUserDict\nUserDict\n.",
    "obj": b"(cos\nsystem\nS'id'\no.",
    "obj-empty": b"(o.",
    "global": b"c__builtin__\neval\n(S'1'\ntR.",
    "global-crlf": b"cos\r\nsystem\r\n.",
    "proto-later": b"\x80\x04\x80\x02c__builtin__\neval\n.",
    "proto-sooner": b"\x80\x02\x80\x04c__builtin__\neval\n.",
    "dotted": P + u(b"os") + u(b"path.join") + b"\x93.",
    "stack-global-memo": P + u(b"os") + b"\x940" + u(b"system") + b"\x940h\x00h\x01\x93.",
    "stack-global-dup": P + u(b"copy") + b"2\x93.",
    "stack-global-string": P + b"S'os'\nU\x06system\x93.",
    "stack-global-bytes": P + b"C\x02os" + u(b"system") + b"\x93.",
    "stack-global-number": P + b"K\x01" + u(b"system") + b"\x93.",
    "pop-mark-as-value": P + b"K\x01(0K\x02\x86.",
    "pop-mark": P + b"K\x01(K\x02K\x031.",
    "pop-empty": P + b"0N.",
    "dup-of-mark": P + b"(2.",
    "put-get": b"Vos\np1_0\n0g10\n.",
    "put-blanks": b"Vos\np 7 \n0g+7\n.",
    "put-negative": b"Vos\np-1\n.",
    "get-nothing": b"g5\n.",
    "put-twice": b"Va\np0\nVb\np0\n0g0\n.",
    "memoize-behind-put": P + b"N\x94N\x94Nq\x05N\x94h\x03.",
    "binput-large": P + b"cos\nsystem\nr\xff\xff\xff\x7f0j\xff\xff\xff\x7f)R.",
    "string-escapes": b"S'a\\x41\\n\\'\\101'\np0\n.",
    "string-double": b'S"a"\n.',
    "string-bare": b"Sa\n.",
    "unicode-escapes": b"V\\u20ac\\U0001f600\\\\u0041\xe9\n.",
    "int-bool": b"(I00\nI01\nI1\nL5L\nL5\nF1.5\nt.",
    "frame-short": P + b"\x95" + struct.pack("<Q", 2) + b"NN\x86.",
    "frame-huge": P + b"\x95" + struct.pack("<Q", 1 << 40) + b"N.",
    "frame-nothing": P + b"\x95" + struct.pack("<Q", 0) + b"N.",
    "behind-stop": P + b"N.cos\nsystem\n.",
    "no-stop": P + b"cos\nsystem\n)R",
    "unknown-opcode": P + b"cos\nsystem\n)R\xff.",
    "cut-argument": P + b"cos\nsystem\n)R\x8c\x09abc",
    "cut-line": b"cos\nsys",
    "proto-6": b"\x80\x06N.",
    "binstring-negative": b"T\xff\xff\xff\xff.",
    "long4-negative": b"\x80\x02\x8b\xff\xff\xff\xff.",
    "setitem-object": P + b"cshop\nBag\n)R" + u(b"a") + b"K\x01s(" + u(b"b") + b"K\x02u.",
    "append-object": P + b"cshop\nBag\n)RK\x01a.",
    "build-global": P + b"cshop\nBag\n}b.",
    "buffers": b"\x80\x05\x97\x98.",
    "nested-bytes": P + b"C\x0a\x80\x04cos\nid\n.cpickle\nloads\n0.",
    "extension": b"\x80\x02\x82\x07.",
    "empty": b"",
}
for name, data in by_hand.items():
    record(name, data)

import joblib, numpy
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler


def record_joblib(name, value, **options):
    f = io.BytesIO()
    joblib.dump(value, f, **options)
    data, facts = f.getvalue(), []
    read, find = NumpyArrayWrapper.read_array, NumpyUnpickler.find_class

    def read_array(self, unpickler, *more):
        start = unpickler.file_handle.tell()
        try:
            return read(self, unpickler, *more)
        finally:
            if not self.dtype.hasobject:  # which are a pickle, not data
                facts.append("array %d %d" % (start, unpickler.file_handle.tell()))

    NumpyArrayWrapper.read_array = read_array
    try:
        joblib.load(io.BytesIO(data))
    finally:
        NumpyArrayWrapper.read_array = read
    show(name, "joblib", data, facts)


for protocol in (2, 4, 5):
    record_joblib("numbers-%d" % protocol, numpy.arange(6.0).reshape(2, 3), protocol=protocol)
    record_joblib("several-%d" % protocol, {"a": numpy.zeros(3, "i2"), "b": [numpy.array(7), numpy.zeros((0, 4))]}, protocol=protocol)
    record_joblib("types-%d" % protocol, [numpy.array(["ab"]), numpy.array([b"abc"]), numpy.zeros(2, "M8[D]"), numpy.zeros(2, "c16"), numpy.zeros(2, "?"),
                                          numpy.zeros(2, [("a", "f4"), ("b", "U2", (2,))])], protocol=protocol)
    record_joblib("objects-%d" % protocol, [numpy.array([1, None, "a"], dtype=object), numpy.arange(2)], protocol=protocol)
