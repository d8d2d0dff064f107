"""Print the types that tensors of a checkpoint can have.

    python dtypes.py > dtypes.txt      in an environment with TensorFlow

A line is NUMBER NAME BYTES, as DataType in tensorflow/core/framework/types.proto numbers
them; BYTES is what an element takes in a data file, 0 where elements differ.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf
from tensorflow.core.framework import types_pb2

print("# The types of tensors in TensorFlow %s. Written by dtypes.py." % ".".join(tf.__version__.split(".")[:2]))
for name, number in sorted(types_pb2.DataType.items(), key=lambda item: item[1]):
    if name == "DT_INVALID" or name.endswith("_REF"):
        continue
    plain = number not in (types_pb2.DT_STRING, types_pb2.DT_RESOURCE, types_pb2.DT_VARIANT)
    print(number, name[3:].lower(), tf.dtypes.as_dtype(number).size if plain else 0)
