"""heads.py MODEL INPUT: the model's outputs, one after the other, for float32 pictures in a file, both raw, on the
standard output."""
import sys

import numpy as np
import onnx
import onnxruntime

model, pictures = sys.argv[1:]
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
(given,) = session.get_inputs()
x = np.fromfile(pictures, "<f4").reshape(-1, *given.shape[1:])
for head, about in zip(session.run(None, {given.name: x}), session.get_outputs()):
    assert list(head.shape[1:]) == about.shape[1:], (head.shape, about.shape)
    sys.stdout.buffer.write(head.astype("<f4").tobytes())
