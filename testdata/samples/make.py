"""Save the honest samples with a real Keras.

    pip install keras==3.12.0 numpy h5py jax
    KERAS_BACKEND=jax python testdata/samples/make.py

The hostile samples beside them are built from text: go generate ./testdata/samples
"""

import os
import pathlib

import keras

keras.utils.set_random_seed(1)
here = pathlib.Path(__file__).parent

inputs = keras.Input((4,), name="features")
hidden = keras.layers.Dense(3, activation="relu", name="hidden")(inputs)
outputs = keras.layers.Dense(1, activation="sigmoid", name="score")(hidden)
model = keras.Model(inputs, outputs, name="scorer")
model.compile(optimizer="sgd", loss="binary_crossentropy")
model.save(here / "honest.keras")
model.save(here / "honest-legacy.h5", include_optimizer=False)
model.save_weights(here / "honest.weights.h5")
(here / "honest-architecture.json").write_text(model.to_json())


@keras.saving.register_keras_serializable("demo")
class Gate(keras.layers.Layer):
    """A layer of the user's own."""

    def call(self, x):
        return keras.ops.sigmoid(x) * x


custom = keras.Sequential([keras.Input((4,)), Gate(name="gate")], name="gated")
custom.save(here / "honest-custom-layer.keras")
for f in sorted(here.glob("honest*")):
    print(f.name, os.path.getsize(f))
