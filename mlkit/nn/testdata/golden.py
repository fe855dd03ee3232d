"""Writes golden.json: small models as Keras computes them, for golden_test.go. Run: python golden.py
Made with tensorflow-cpu 2.21 (Keras 3). Each case has a model's layers in the words of get_config, its weights
before and after two steps of training on one batch, what it predicts before, and the losses of the two steps.
Beside the cases it has the default settings of everything, and the values of the activations."""
import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
from tensorflow import keras
from keras import layers as L

rng = np.random.default_rng(11)
SAMPLES = 4


def numbers(a):
    return [float(f"{v:.7g}") for v in np.asarray(a, np.float32).ravel()]


def weights(model):
    return [[w.path.split("/")[-1], list(w.shape), numbers(w)] for w in model.weights]


# The words of get_config that nn has too.
WORDS = {"Conv2D": ["filters", "kernel_size", "strides", "padding", "activation", "use_bias", "kernel_initializer", "bias_initializer"],
         "MaxPooling2D": ["pool_size", "strides", "padding"], "AveragePooling2D": ["pool_size", "strides", "padding"],
         "Dense": ["units", "activation", "use_bias", "kernel_initializer", "bias_initializer"], "Dropout": ["rate"],
         "Activation": ["activation"], "BatchNormalization": ["axis", "momentum", "epsilon", "center", "scale"],
         "Flatten": ["data_format"], "Adam": ["learning_rate", "beta_1", "beta_2", "epsilon"],
         "SGD": ["learning_rate", "momentum", "nesterov"], "RMSprop": ["learning_rate", "rho", "momentum", "epsilon", "centered"]}


def words(thing):
    c, name = thing.get_config(), type(thing).__name__
    plain = lambda v: v["class_name"] if isinstance(v, dict) else float(f"{v:.7g}") if isinstance(v, float) else v
    return {"class_name": name, **{k: plain(c[k]) for k in WORDS[name]}}


def case(name, stack, loss, optimizer="SGD", blank=None, scale=1, **settings):
    keras.utils.set_random_seed(5)
    model = keras.Sequential(stack)
    for w in model.weights if blank != "unbiased" else []:  # also biases and the like begin where they cannot hide a mistake
        w.assign(w + rng.uniform(0, 0.3, w.shape))
    o = getattr(keras.optimizers, optimizer)(**settings)
    model.compile(loss=loss, optimizer=o, metrics=["accuracy"], run_eagerly=True)
    shape = model.input_shape[1:]
    x = rng.normal(size=(SAMPLES, *shape)).astype(np.float32)
    if blank:  # mostly zeros: pooling windows where all are equal, and without biases activations at zero
        x *= rng.uniform(size=x.shape) < 0.03
    x *= scale
    classes = model.output_shape[-1]
    right = rng.integers(0, classes, SAMPLES)
    if loss == "mean_squared_error":
        y = rng.normal(size=(SAMPLES, *model.output_shape[1:])).astype(np.float32)
    elif loss == "categorical_crossentropy":
        y = keras.utils.to_categorical(right, classes)
    else:
        y = right.astype(np.float32)
    before, predicted, evaluated = weights(model), model.predict(x, verbose=0), model.evaluate(x, y, verbose=0)
    history = model.fit(x, y, batch_size=SAMPLES, epochs=2, shuffle=False, verbose=0).history
    configs = [words(l) for l in model.layers]
    return dict(name=name, input=list(shape), layers=configs, loss=loss, settings=settings,
                optimizer=words(o),
                x=numbers(x), y=numbers(y), y_shape=list(y.shape), before=before, predicted=numbers(predicted),
                evaluated=numbers(evaluated), losses=numbers(history["loss"]), accuracies=numbers(history["accuracy"]),
                after=weights(model))


I, CCE, SCCE, MSE = L.Input, "categorical_crossentropy", "sparse_categorical_crossentropy", "mean_squared_error"
cases = [
    case("digits in small", [I((8, 8, 1)), L.Conv2D(3, (3, 3), activation="relu"), L.MaxPooling2D((2, 2)),
         L.Conv2D(4, (2, 2), activation="relu"), L.MaxPooling2D((2, 2)), L.Flatten(), L.Dense(5, activation="relu"),
         L.Dropout(0.0), L.Dense(3, activation="softmax")], CCE, "Adam"),
    case("same", [I((5, 6, 2)), L.Conv2D(2, (3, 2), padding="same", activation="tanh"), L.MaxPooling2D(padding="same"),
         L.Flatten(), L.Dense(2)], MSE),
    case("strided", [I((7, 8, 1)), L.Conv2D(2, (3, 3), strides=(2, 2), padding="same", use_bias=False),
         L.AveragePooling2D((2, 3), strides=(1, 2), padding="same"), L.Flatten()], MSE),
    case("average", [I((6, 6, 1)), L.Conv2D(2, (3, 3), strides=(1, 2)), L.AveragePooling2D((2, 2)), L.Flatten(),
         L.Dense(2, activation="sigmoid")], MSE),
    case("overlap", [I((6, 6, 2)), L.MaxPooling2D((3, 3), strides=(1, 2)), L.Flatten(), L.Dense(3, activation="softmax")], SCCE),
    case("normalization", [I((4, 4, 2)), L.Conv2D(3, (2, 2)), L.BatchNormalization(), L.Activation("leaky_relu"),
         L.Flatten(), L.Dense(3, activation="softmax")], CCE),
    case("normalization set", [I((3,)), L.Dense(4, activation="tanh"), L.BatchNormalization(momentum=0.7, epsilon=0.02),
         L.Dense(2)], MSE, "Adam"),
    case("momentum", [I((3,)), L.Dense(4, activation="leaky_relu"), L.Dense(3, activation="softmax")], SCCE, "SGD",
         learning_rate=0.05, momentum=0.9),
    case("rmsprop", [I((3,)), L.Dense(4, activation="relu"), L.Dense(3, activation="softmax")], CCE, "RMSprop"),
    case("rmsprop set", [I((3,)), L.Dense(4, activation="relu"), L.Dense(3)], MSE, "RMSprop", learning_rate=0.01, rho=0.8,
         momentum=0.5, epsilon=0.01),
    case("adam set", [I((2, 3)), L.Dense(4, activation="sigmoid"), L.Flatten(), L.Dense(3, activation="softmax")], CCE, "Adam",
         learning_rate=0.02, beta_1=0.8, beta_2=0.9, epsilon=1e-3),
    *(case("blank pictures " + blank, [I((10, 10, 1)), L.Conv2D(3, (3, 3), activation="relu"), L.MaxPooling2D((2, 2)),
           L.Conv2D(4, (2, 2), activation="leaky_relu"), L.MaxPooling2D((2, 2)), L.Flatten(), L.Dense(5, activation="relu"),
           L.Dense(3, activation="softmax")], CCE, blank=blank, learning_rate=0.3) for blank in ("unbiased", "biased")),
    *(case("not normalised " + loss, [I((3,)), L.Dense(4, activation="relu")], loss) for loss in (CCE, SCCE)),
    *(case("saturated " + loss, [I((3,)), L.Dense(4), L.Activation("softmax")], loss, scale=60, learning_rate=1e-4) for loss in (CCE, SCCE)),
    case("one number", [I((3,)), L.Dense(4, activation="tanh"), L.Dense(1, activation="sigmoid")], MSE, "SGD"),
]
defaults = [words(t) for t in (
    L.Conv2D(3, (2, 2)), L.MaxPooling2D(), L.AveragePooling2D((2, 2)), L.Flatten(), L.Dense(3), L.Dropout(0.5),
    L.Activation("relu"), L.BatchNormalization(), keras.optimizers.Adam(), keras.optimizers.SGD(), keras.optimizers.RMSprop())]
x = np.array([-3.0, -0.5, 0.0, 0.5, 3.0], np.float32)
activations = {n: numbers(keras.activations.get(n)(x[None])) for n in ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "softmax")}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden.json"), "w") as f:
    f.write('{"defaults": [\n' + ",\n".join(json.dumps(d) for d in defaults) + '],\n"activations": ' + json.dumps(dict(x=numbers(x), y=activations))
            + ',\n"cases": [\n' + ",\n".join(json.dumps(c) for c in cases) + "]}\n")
