"""Print the messages that a SavedModel is made of, as text form and wire form call them.

    python schema.py > schema.txt      in an environment with TensorFlow

"message NAME", then a line a field: NUMBER NAME TYPE, "*" behind the type if it is
repeated, and the message or enum. "enum NAME", then NUMBER NAME.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from google.protobuf.descriptor import FieldDescriptor
from tensorflow.core.protobuf import saved_model_pb2

TYPES = {getattr(FieldDescriptor, n): n[5:].lower() for n in dir(FieldDescriptor) if n.startswith("TYPE_")}
messages, enums = {}, {}


def visit(message):
    if message.full_name in messages:
        return
    messages[message.full_name] = message
    for f in message.fields:
        if f.message_type:
            visit(f.message_type)
        if f.enum_type:
            enums[f.enum_type.full_name] = f.enum_type


visit(saved_model_pb2.SavedModel.DESCRIPTOR)
print("# The messages of a SavedModel in TensorFlow 2.21. Written by schema.py.")
for name in sorted(messages):
    print("message", name)
    for f in sorted(messages[name].fields, key=lambda f: f.number):
        repeated = f.is_repeated if hasattr(f, "is_repeated") else f.label == FieldDescriptor.LABEL_REPEATED
        of = f.message_type or f.enum_type
        print(f.number, f.name, TYPES[f.type] + ("*" if repeated else ""), *([of.full_name] if of else []))
for name in sorted(enums):
    print("enum", name)
    for v in enums[name].values:
        print(v.number, v.name)
