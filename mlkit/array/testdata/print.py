"""Writes print.jsonl: arrays, and how NumPy prints them. Run it with NumPy 2.4 and no arguments:

    python print.py > print.jsonl

With a number N it writes N random arrays in place of the chosen ones, for a longer look.

Each line is an object: the dtype ("int" is int64), the shape, the values (as text, repeated to fill the
shape) and the text that NumPy prints.
"""
import json
import sys

import numpy as np

DTYPES = {"uint8": np.uint8, "int": np.int64, "float32": np.float32, "float64": np.float64}


def write(dtype, shape, values):
    numbers = np.array(values, DTYPES[dtype])
    array = np.resize(numbers, shape) if len(numbers) else np.zeros(shape, DTYPES[dtype])
    print(json.dumps({"dtype": dtype, "shape": list(shape), "values": [repr(v) for v in numbers.tolist()],
                      "want": str(array)}))


def chosen():
    nan, inf = np.nan, np.inf
    shapes = [(1,), (3,), (7,), (1, 1), (2, 3), (3, 1), (2, 2, 2), (2, 1, 3, 2), (1, 1, 1, 1, 2)]
    long = [(1000,), (1001,), (4, 250), (4, 251), (2000, 1), (1, 2000), (8, 3, 50),
            (600, 28, 28), (7, 1, 200), (600, 10), (6000,)]
    pixels = [0, 0, 0, 3, 18, 126, 255, 136, 7]
    for shape in shapes + long:
        write("uint8", shape, pixels)
        write("int", shape, [5, -12, 123456, 0, 7])
        write("float32", shape, [0, 0.0117647061, 1, 0.5, 0.33333334, -0.25])
        write("float64", shape, [0, 1 / 3, 1e-5, -2.5e6])
    for shape in [(60, 28, 28, 1), (7, 2, 7, 15), (6, 2, 3, 28)]:
        write("uint8", shape, pixels)
    for dtype in DTYPES:
        for shape in [(0,), (0, 3), (3, 0), (2, 0, 4)]:
            write(dtype, shape, [])
        for v in [0, 1, 7, 100]:
            write(dtype, (), [v])
    for v in [-5, 2**62, -2**63]:
        write("int", (), [v])
        write("int", (2,), [v, 1])
    singles = [0.1, -0.0, 0.5, 1e15, 1e16, 1e17, 999999, 1e6, 1e-4, 0.00012345, 1e-5, 123456.7, 16777216, 1 / 3, nan, inf, -inf,
               1e30, 1e-30]
    for v in singles:
        write("float32", (), [v])
        write("float64", (), [v])
    sets = [[0.], [-0.], [0., -0.], [1.], [-1.], [0.5, 1], [1 / 3], [2 / 3, 1], [0.1 + 0.2], [0.1, 0.25, 0.125], [100, 0.1],
            [1000, 1], [1001, 1], [1000.5, 1], [0.0001, 0.01], [0.00009, 0.01], [1e-5], [1e-10, 1], [1e8], [99999999.], [1e6], [999999.],
            [1e5, 1e10], [1e100, 1e-100], [5e-324, 1], [1.7976931348623157e308, -1], [3e-5, 1.2345678e-05],
            [3e-7, 1.23456789123e-05], [nan], [inf], [-inf], [nan, inf], [nan, -inf], [nan, 1], [inf, 1.5], [-inf, 0.123], [nan, 1e-5],
            [-inf, 1e-5, 100], [nan, inf, 1, -1], [1e-5, nan, -inf], [123.456, -1.5, 1e2], [-0.5, 0.25], [0.123456789, 12.3456789],
            [1.123456785, 0.5], [0.000099999, 1], [16777216., 0.1], [123456.7, 0.1], [2.5, 1e3], [33333.333, 66666.667],
            [0.99999999999, 1], [0.999999999, 0.1], [1e-4, 1e-1], [1e22, 1e21], [1.5e300, 2], [65504, 6.1e-5]]
    with np.errstate(over="ignore"):
        for values in sets:
            for dtype in ["float32", "float64"]:
                write(dtype, (len(values),), values)
                write(dtype, (1, 15), values)


def drawn(n, few=False):
    rng = np.random.default_rng(1)
    for _ in range(n):
        dtype = list(DTYPES)[rng.integers(4)]
        shape = tuple(int(rng.choice([1, 2, 3, 5, 7, 11] if few else [1, 2, 3, 5, 7, 11, 40])) for _ in range(rng.integers(1, 4 if few else 5)))
        count = int(rng.integers(1, 12))
        if dtype == "uint8":
            values = rng.integers(0, 256, count)
        elif dtype == "int":
            values = rng.integers(-(10 ** int(rng.integers(1, 18))), 10 ** int(rng.integers(1, 18)), count)
        else:
            around, spread = rng.uniform(-8, 9), rng.choice([0.1, 1, 2, 4, 30])
            values = rng.choice([-1, 1, 1], count) * 10 ** rng.uniform(around - spread / 2, around + spread / 2, count)
            if rng.random() < 0.5:
                values = np.round(values, int(rng.integers(0, 10)))
            if rng.random() < 0.2:
                values[rng.integers(count)] = rng.choice([np.nan, np.inf, -np.inf, 0, -0.0])
            if rng.random() < 0.1:
                values = 2.0 ** rng.integers(-40, 40, count)
        write(dtype, shape, values)


if len(sys.argv) > 1:
    drawn(int(sys.argv[1]))
else:
    chosen()
    drawn(150, few=True)
