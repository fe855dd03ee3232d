"""Makes the checkpoints in this folder with TensorFlow 2.21: python make.py

types     a tensor of each type that is read, made by two savers, so with two data files
sliced    a variable saved in two slices
training  what tf.train.Checkpoint saves: with its graph of objects
"""
import glob
import os
import tensorflow as tf

here = os.path.dirname(os.path.abspath(__file__))
os.chdir(here)


def save(prefix, names, tensors, slices=None):
    tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=slices or [""] * len(names), tensors=tensors)


numbers = ["float32", "float64", "int32", "uint8", "int16", "int8", "int64", "bool", "bfloat16", "uint16", "float16", "uint32", "uint64"]
save("part0", numbers, [tf.cast(tf.constant([[0, 1, 2], [3, 4, 5]]), n) for n in numbers])
save("part1", ["empty", "strings", "scalar"],
     [tf.zeros([0, 3]), tf.constant([[b"", b"gopher"], [b"\0\xff" * 100, "π".encode()]]), tf.constant(-1.5)])
tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=["part0", "part1"], destination_prefix="types", delete_old_dirs=False)
for part in glob.glob("part?.*"):
    os.remove(part)
save("sliced", ["v", "v"], [tf.zeros([1, 2]), tf.ones([1, 2])], ["2 2 0,1:-", "2 2 1,1:-"])
tf.train.Checkpoint(step=tf.Variable(7, dtype=tf.int64)).write("training")
