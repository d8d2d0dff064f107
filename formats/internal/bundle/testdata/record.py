"""Record what TensorFlow writes into the index of a checkpoint, and makes of lies in one.

    python record.py written > written-2.15.txtar     in an environment with TensorFlow 2.x
    LIES=DIR go test -run TestWriteLies ../           writes lies/*.txt as NAME.index
    python record.py lies DIR > lies.tsv

written: checkpoints as scripts, each with the SHA-256 of the index first.

lies: NAME, then what a list of the variables has as NAME:SHAPE, then the shapes that a
look-up of these names gives; "refused", or "ends" where the process does not survive. Then
the memory in MB that the look-up took. The data file has 64 zeros.
"""

import hashlib
import os
import resource
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def number(b, i):
    n = shift = 0
    while True:
        n |= (b[i] & 127) << shift
        shift, i = shift + 7, i + 1
        if b[i - 1] < 128:
            return n, i


def block(b, off, size):
    b = b[off : off + size]
    end = size - 4 - 4 * int.from_bytes(b[-4:], "little")
    at, key = 0, b""
    while at < end:
        shared, at = number(b, at)
        rest, at = number(b, at)
        length, at = number(b, at)
        key = key[:shared] + b[at : at + rest]
        yield key, b[at + rest : at + rest + length]
        at += rest + length


def entries(index):
    at = len(index) - 48
    _, at = number(index, at)
    _, at = number(index, at)
    off, at = number(index, at)
    size, at = number(index, at)
    for _, handle in block(index, off, size):
        off, at = number(handle, 0)
        size, _ = number(handle, at)
        yield from block(index, off, size)


def quoted(key):
    return '"%s"' % "".join(chr(c) if 32 <= c < 127 and chr(c) not in '"\\' else "\\x%02x" % c for c in key)


def script(index):
    from tensorflow.core.framework import types_pb2
    from tensorflow.core.protobuf import tensor_bundle_pb2

    all = list(entries(index))
    for key, value in all[:2] if len(all) > 5000 else all:
        if key == b"":
            h = tensor_bundle_pb2.BundleHeaderProto.FromString(value)
            yield "header %d %d %d" % (h.num_shards, h.endianness, h.version.producer)
            continue
        e = tensor_bundle_pb2.BundleEntryProto.FromString(value)
        shape = "x".join(str(d.size) for d in e.shape.dim) or "scalar"
        if len(all) > 5000:
            yield "tensors %d v%%05d float %s %d 0x%08x" % (len(all) - 1, shape, e.size, e.crc32c)
            return
        yield "tensor %s %s %s %d %d %d 0x%08x" % (quoted(key), types_pb2.DataType.Name(e.dtype)[3:].lower(), shape, e.shard_id, e.offset, e.size, e.crc32c)
        for s in e.slices:
            yield "slice " + " ".join("%d %d" % (x.start, x.length) if x.HasField("length") else "- -" for x in s.extent)


class Written:
    """One method a checkpoint; each writes it under a prefix."""

    def __init__(self, tf):
        self.tf = tf

    def types(self, prefix):
        tf = self.tf
        names = ["float32", "float64", "int32", "int64", "uint8", "bool", "float16", "bfloat16", "complex64"]
        tensors = [tf.zeros([2, 3], getattr(tf, n)) for n in names] + [tf.constant(["a", "longer"])]
        self.save(prefix, names + ["string"], tensors)

    def shapes(self, prefix):
        tf = self.tf
        shapes = [[], [0], [0, 3], [1, 1, 1, 1, 1], [300]]
        self.save(prefix, ["s%d" % i for i in range(len(shapes))], [tf.ones(s) for s in shapes])

    def slices(self, prefix):
        tf = self.tf
        tf.raw_ops.SaveV2(prefix=prefix, tensor_names=["whole", "w", "w"], shape_and_slices=["", "4 2 0,2:-", "4 2 2,2:-"],
                          tensors=[tf.ones([2]), tf.ones([2, 2]), tf.zeros([2, 2])])

    def model(self, prefix):
        tf = self.tf
        m = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,)), tf.keras.layers.Dense(1)])
        m.compile("adam", "mse")
        tf.train.Checkpoint(model=m).write(prefix)

    def names(self, prefix):
        self.save(prefix, ["../up", "/etc/x", "a b", 'a"b', "\u00e9", "a\nb"], [self.tf.zeros([])] * 6)

    def many(self, prefix):
        names = ["v%05d" % i for i in range(9000)]
        self.save(prefix, names, [self.tf.zeros([])] * len(names))

    def save(self, prefix, names, tensors):
        self.tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=[""] * len(names), tensors=tensors)


def written():
    import tensorflow as tf

    tf.random.set_seed(1)
    for name in [n for n in vars(Written) if n[0] != "_" and n != "save"]:
        with tempfile.TemporaryDirectory() as top:
            prefix = os.path.join(top, "ckpt")
            getattr(Written(tf), name)(prefix)
            with open(prefix + ".index", "rb") as f:
                index = f.read()
            assert len(tf.train.list_variables(prefix)) == sum(1 for k, _ in entries(index) if k and k[0])
        print("-- %s --" % name)
        print("#", hashlib.sha256(index).hexdigest())
        for line in script(index):
            print(line)


def shape(s):
    return "x".join(str(d) for d in s)


def look(prefix, how):
    import tensorflow as tf

    listed = tf.train.list_variables(prefix)
    if how == "find":
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        r = tf.train.load_checkpoint(prefix)
        try:
            listed = [(n, getattr(r.get_tensor(n), "shape", ())) for n, _ in listed]
        except Exception:
            listed = None
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
    print("refused" if listed is None else "[" + " ".join(n + ":" + shape(s) for n, s in listed) + "]")


def lies(dir):
    import tensorflow

    print("# NAME, listed, found, MB: TensorFlow %s. Written by record.py." % tensorflow.__version__)
    for file in sorted(os.listdir(dir)):
        name, ending = os.path.splitext(file)
        if ending != ".index":
            continue
        with open(os.path.join(dir, name + ".data-00000-of-00001"), "wb") as f:
            f.write(b"\0" * 64)
        row, memory = [name], "0"
        for how in ("list", "find"):
            p = subprocess.run([sys.executable, __file__, "look", os.path.join(dir, name), how], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            lines = p.stdout.splitlines()
            if p.returncode == 0 and how == "find":
                memory = str(int(lines[0]) // 100 * 100)
            row.append(lines[-1] if p.returncode == 0 else "ends" if p.returncode < 0 else "refused")
        print("\t".join(row + [memory]), flush=True)


if sys.argv[1] == "look":
    look(*sys.argv[2:])
elif sys.argv[1] == "lies":
    lies(sys.argv[2])
else:
    written()
