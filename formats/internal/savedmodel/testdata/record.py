"""Build small SavedModels whose functions write a marker, and record when TensorFlow runs them.

    python record.py phases        in an environment with TensorFlow 2.15

Writes NAME.pbtxt for each and phases.tsv: the name and the first of these at which
the marker was there: load, free (after the loaded object was dropped), call (after a
call), gradient (after a gradient), never.
"""

import gc
import os
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

MARK = "MARKER"  # what stands for the path in the text that is kept


def write(tf, path):
    tf.io.write_file(path, "x")


class Builds:
    """One method a model; each returns the root object and what saves it."""

    def __init__(self, tf, path):
        self.tf, self.path = tf, path

    def module(self, body=None, signature=None):
        tf = self.tf

        class M(tf.Module):
            @tf.function(input_signature=signature or [tf.TensorSpec([None], tf.float32)])
            def __call__(self, x):
                return body(x) if body else x * 2.0

        return M()

    def resource(self, where):
        tf, path = self.tf, self.path

        class R(tf.saved_model.experimental.TrackableResource):
            def _create_resource(self):
                if where == "create":
                    write(tf, path)
                return tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64, shared_name="canary")

            @tf.function(input_signature=[])
            def _initialize(self):
                if where == "initialize":
                    write(tf, path)
                return 1

            @tf.function(input_signature=[])
            def _destroy_resource(self):
                if where == "destroy":
                    write(tf, path)
                return 1

        m = self.module()
        m.resource = R()
        m.resource.resource_handle
        return m

    def honest(self):
        return self.module()

    def call(self):
        return self.module(lambda x: (write(self.tf, self.path), x)[1])

    def initialize(self):
        return self.resource("initialize")

    def create(self):
        return self.resource("create")

    def destroy(self):
        return self.resource("destroy")

    def branch(self):
        tf = self.tf

        def body(x):
            def yes():
                write(tf, self.path)
                return x

            return tf.cond(tf.size(x) >= 0, yes, lambda: x)

        return self.module(body)

    def loop(self):
        tf = self.tf

        def body(x):
            def step(i):
                write(tf, self.path)
                return i + 1

            tf.while_loop(lambda i: i < 1, step, [tf.constant(0)])
            return x

        return self.module(body)

    def dataset(self):
        tf = self.tf

        def body(x):
            def each(v):
                write(tf, self.path)
                return v

            return x + tf.cast(tf.data.Dataset.range(1).map(each).reduce(tf.constant(0, tf.int64), lambda a, b: a + b), tf.float32)

        return self.module(body)

    def gradient(self):
        tf, path = self.tf, self.path

        @tf.custom_gradient
        def op(x):
            def grad(dy):
                write(tf, path)
                return dy

            return x * 2.0, grad

        m = self.module(op)
        m.options = tf.saved_model.SaveOptions(experimental_custom_gradients=True)
        return m

    def print(self):
        return self.module(lambda x: (self.tf.print("x", output_stream="file://" + self.path), x)[1])

    def restore(self):
        tf, path = self.tf, self.path
        from tensorflow.python.trackable.base import Trackable

        class T(Trackable):
            def __init__(self):
                self.v = tf.constant(1.0)

            def _serialize_to_tensors(self):
                return {"value": tf.constant(1.0)}

            def _restore_from_tensors(self, tensors):
                write(tf, path)
                return tf.no_op()

        m = self.module()
        m.part = T()
        return m

    def v1(self):
        return None


def save_v1(tf, path, out):
    tf1 = tf.compat.v1
    with tf.Graph().as_default(), tf1.Session() as s:
        x = tf1.placeholder(tf.float32, [None])
        with tf.control_dependencies([tf.io.write_file(path, "x")]):
            init = tf.no_op()
        b = tf1.saved_model.Builder(out)
        b.add_meta_graph_and_variables(s, ["serve"], main_op=init,
                                       signature_def_map={"serving_default": tf1.saved_model.predict_signature_def({"x": x}, {"y": x * 2.0})})
        b.save()


def build(name, out, path):
    import tensorflow as tf

    if name == "v1":
        save_v1(tf, path, out)
        return
    m = getattr(Builds(tf, path), name)()
    tf.saved_model.save(m, out, options=getattr(m, "options", None))


def load(out, path):
    """Loads in a process of its own and says when the marker was there."""
    import tensorflow as tf

    if os.path.exists(path):
        os.unlink(path)
    m = tf.saved_model.load(out)
    if os.path.exists(path):
        return "load"
    x = tf.constant([1.0])
    f = m if callable(m) else m.signatures["serving_default"]
    f(x)
    if os.path.exists(path):
        return "call"
    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x)
    try:
        t.gradient(y, x)
    except Exception:
        pass
    if os.path.exists(path):
        return "gradient"
    del m, f, y, t
    gc.collect()
    return "free" if os.path.exists(path) else "never"


def drop(node):
    """Leaves out what only takes room."""
    node.ClearField("experimental_debug_info")
    for key in [k for k in node.attr if k.startswith("_") and k != "_gradient_op_type" or k == "config_proto"]:
        del node.attr[key]


def text(out, path):
    from google.protobuf import text_format
    from tensorflow.core.protobuf import saved_model_pb2

    m = saved_model_pb2.SavedModel()
    with open(os.path.join(out, "saved_model.pb"), "rb") as f:
        m.ParseFromString(f.read())
    for g in m.meta_graphs:
        g.meta_info_def.ClearField("stripped_op_list")
        for f in g.graph_def.library.function:
            f.ClearField("arg_attr")
            for n in f.node_def:
                drop(n)
        for n in g.graph_def.node:
            drop(n)
        for f in g.object_graph_def.concrete_functions.values():
            f.ClearField("canonicalized_input_signature")
            f.ClearField("output_signature")
        for o in g.object_graph_def.nodes:
            o.function.ClearField("function_spec") if o.HasField("function") else None
    return text_format.MessageToString(m).replace(path, MARK)


def main(to):
    names = [n for n in vars(Builds) if n[0] != "_" and n not in ("module", "resource")]
    with open(os.path.join(to, "phases.tsv"), "w") as table:
        for name in names:
            with tempfile.TemporaryDirectory() as top:
                out, path = os.path.join(top, "model"), os.path.join(top, "marker")
                run = lambda what: subprocess.run([sys.executable, __file__, what, name, out, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                built = run("build")
                if built.returncode:
                    sys.exit(built.stderr[-2000:])
                with open(os.path.join(to, name + ".pbtxt"), "w") as f:
                    f.write(text(out, path))
                got = run("load")
                if got.returncode:
                    sys.exit(name + got.stderr[-2000:])
                table.write("%s\t%s\n" % (name, got.stdout.split()[-1]))


if sys.argv[1] == "build":
    build(*sys.argv[2:])
elif sys.argv[1] == "load":
    print(load(*sys.argv[3:]))
else:
    main(sys.argv[1])
