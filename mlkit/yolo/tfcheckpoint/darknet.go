package tfcheckpoint

import (
	"fmt"
	"slices"
	"strings"

	"gopherlens/mlkit/yolo/darknet"
)

// How yolov3-tf2's tensors are called
//
// Its network is a Keras model of models, and a key is the path to a variable, where the layers that have any are
// counted in each model: layer_with_weights-2/layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE. The models
// within are
//
//	the backbone  all before the first neck
//	the necks     one for each head, with all convolutions between the head before and its own two. The first one
//	              begins after the backbone's last shortcut or pooling, with the first 1×1 convolution there
//	the outputs   one for each head: the two convolutions before its [yolo] layer, the second without
//	              normalization
//
// in that order, which is by depth: an output stands as far from the end as any other, so all come after the
// last neck. Inside of a model the order is Darknet's. A convolution is a layer with a kernel and, in an output's
// second, a bias; a normalization is another, with gamma, beta, moving_mean and moving_variance.

// NetworkError says why yolov3-tf2 has no such network.
type NetworkError struct {
	Layer  int // that it is about, from 0
	Reason string
}

func (e *NetworkError) Error() string {
	return fmt.Sprintf("yolov3-tf2 has YOLOv3 and YOLOv3-tiny, and not this network: layer %d %s", e.Layer, e.Reason)
}

// MismatchError says how a checkpoint's tensors differ from those of a network.
type MismatchError struct {
	File    string
	Missing []string // keys
	Unknown []string // keys that are no bookkeeping of TensorFlow's either
	Differ  []string // keys, with the shape that the network asks for and the one that is there
}

func (e *MismatchError) Error() string {
	var parts []string
	for _, part := range []struct {
		text string
		keys []string
	}{{"missing", e.Missing}, {"not the network's", e.Unknown}, {"of another shape", e.Differ}} {
		if n := len(part.keys); n > 0 {
			few := strings.Join(part.keys[:min(n, 3)], ", ")
			if n > 3 {
				few += ", …"
			}
			parts = append(parts, fmt.Sprintf("%d are %s (%s)", n, part.text, few))
		}
	}
	return fmt.Sprintf("checkpoint %s does not fit the network: of its tensors, %s. Do they belong together?", e.File, strings.Join(parts, "; "))
}

// A variable is one tensor of yolov3-tf2's.
type variable struct {
	path   string // of objects
	shape  []int
	layer  int // of Darknet's
	values func(*darknet.ConvWeights) *[]float32
}

const attribute = "VARIABLE_VALUE"

func (v *variable) key() string { return v.path + "/.ATTRIBUTES/" + attribute }

// variables lists the network's tensors, in the order in which TensorFlow writes them.
func variables(c *darknet.Config) ([]variable, error) {
	models, err := split(c)
	if err != nil {
		return nil, err
	}
	var list []variable
	for m, layers := range models {
		number := 0 // in the model, of the layers with weights
		for _, layer := range layers {
			k := c.Layers[layer].Kind.(darknet.Convolutional)
			add := func(name string, shape []int, values func(*darknet.ConvWeights) *[]float32) {
				list = append(list, variable{fmt.Sprintf("layer_with_weights-%d/layer_with_weights-%d/%s", m, number, name), shape, layer, values})
			}
			perFilter := []int{k.Filters}
			biases := func(w *darknet.ConvWeights) *[]float32 { return &w.Biases }
			add("kernel", []int{k.Size, k.Size, c.Layers[layer].In.Channels, k.Filters}, func(w *darknet.ConvWeights) *[]float32 { return &w.Kernel })
			if k.BatchNormalize {
				number++
				add("gamma", perFilter, func(w *darknet.ConvWeights) *[]float32 { return &w.Scales })
				add("beta", perFilter, biases)
				add("moving_mean", perFilter, func(w *darknet.ConvWeights) *[]float32 { return &w.Means })
				add("moving_variance", perFilter, func(w *darknet.ConvWeights) *[]float32 { return &w.Variances })
			} else {
				add("bias", perFilter, biases)
			}
			number++
		}
	}
	return list, nil
}

// split shares the convolutions out among the models, by their layers' numbers.
func split(c *darknet.Config) (models [][]int, err error) {
	convolution := func(layer int, normalized bool) bool {
		if layer < 0 {
			return false
		}
		k, ok := c.Layers[layer].Kind.(darknet.Convolutional)
		return ok && k.BatchNormalize == normalized
	}
	backboneEnds := -1 // the last layer that is no convolution
	var section []int  // convolutions since the last head
	var outputs [][]int
	for i, l := range c.Layers {
		switch k := l.Kind.(type) {
		case darknet.Convolutional:
			if k.Groups != 1 {
				return nil, &NetworkError{i, fmt.Sprintf("is a convolution in %d groups", k.Groups)}
			}
			section = append(section, i)
			continue
		case darknet.YOLO:
			if !convolution(i-1, false) || !convolution(i-2, true) {
				return nil, &NetworkError{i, "is a [yolo] without two convolutions before it, the first with batch_normalize and the second without"}
			}
			neck := section[:len(section)-2]
			outputs = append(outputs, section[len(section)-2:])
			if len(models) == 0 {
				first := slices.IndexFunc(neck, func(layer int) bool {
					return layer > backboneEnds && c.Layers[layer].Kind.(darknet.Convolutional).Size == 1
				})
				if first < 1 {
					return nil, &NetworkError{i, "is a [yolo] without a neck before it, which begins with a 1×1 convolution after a [shortcut] or a [maxpool]"}
				}
				models, neck = append(models, neck[:first]), neck[first:]
			}
			models, section = append(models, neck), nil
		case darknet.Shortcut, darknet.MaxPool:
		default:
			if len(models) == 0 {
				return nil, &NetworkError{i, fmt.Sprintf("is a [%s] before the first [yolo]", k.Name())}
			}
		}
		backboneEnds = i
	}
	switch last := len(c.Layers) - 1; {
	case len(outputs) == 0:
		return nil, &NetworkError{last, "is the last one, and none was a [yolo]"}
	case len(section) > 0:
		return nil, &NetworkError{section[0], "is a convolution after the last [yolo]"}
	}
	models = append(models, outputs...)
	for m, layers := range models {
		if len(layers) == 0 {
			return nil, &NetworkError{outputs[m-1][0], "begins a head that has no neck of its own"}
		}
		for i, layer := range layers {
			if k := c.Layers[layer].Kind.(darknet.Convolutional); !k.BatchNormalize && (m < len(models)-len(outputs) || i == 0) {
				return nil, &NetworkError{layer, "is a convolution without batch_normalize"}
			}
		}
	}
	return models, nil
}

// FromDarknet makes the tensors of yolov3-tf2's checkpoint from Darknet's weights, for Write: kernels as [size, size,
// channels, filters] in place of Darknet's [filters, channels, size, size], and last the graph of objects, by
// which TensorFlow finds them. An error is a *NetworkError, or a *darknet.WeightsError if the weights are not
// the network's.
//
// yolov3-tf2's ε of batch normalization is 0.001, Darknet's 0.00001: the same weights then give slightly other
// boxes.
func FromDarknet(c *darknet.Config, w *darknet.Weights) ([]Named, error) {
	list, err := variables(c)
	if err != nil {
		return nil, err
	}
	if err := w.Check(c); err != nil {
		return nil, err
	}
	var tensors []Named
	for _, v := range list {
		values := *v.values(&w.Layers[v.layer])
		t := Tensor{DType: Float32, Shape: v.shape, Data: make([]float32, len(values))}
		if len(v.shape) == 4 {
			darknet.Reorder(values, t.Data, v.shape, true)
		} else {
			copy(t.Data, values)
		}
		tensors = append(tensors, Named{v.key(), t})
	}
	return append(tensors, Named{graphKey, Tensor{DType: String, Strings: []string{objectGraph(list)}}}), nil
}

// ToDarknet makes Darknet's weights from yolov3-tf2's checkpoint of the same network. Every tensor must be the
// network's, with the right shape, or TensorFlow's bookkeeping: the graph of objects, counters, an optimizer's
// state. The model may also be part of a larger one, such as a tf.train.Checkpoint(model=…). An error is a
// *NetworkError, a *MismatchError, or one of Checkpoint.Tensor.
func ToDarknet(ck *Checkpoint, c *darknet.Config) (*darknet.Weights, error) {
	list, err := variables(c)
	if err != nil {
		return nil, err
	}
	within, err := fit(ck, list)
	if err != nil {
		return nil, err
	}
	w := &darknet.Weights{Minor: 2, Layers: make([]darknet.ConvWeights, len(c.Layers))}
	var kernel []float32 // TensorFlow's, in memory that all of them use
	for _, v := range list {
		values := v.values(&w.Layers[v.layer])
		if len(v.shape) != 4 {
			t, err := ck.Tensor(within + v.key())
			if err != nil {
				return nil, err
			}
			*values = t.Data
			continue
		}
		t, err := ck.read(within+v.key(), kernel)
		if err != nil {
			return nil, err
		}
		kernel = t.Data
		*values = make([]float32, len(kernel))
		darknet.Reorder(*values, kernel, v.shape, false)
	}
	return w, nil
}

// fit holds the checkpoint's keys and shapes against the network's. It returns what stands before the network's keys.
func fit(ck *Checkpoint, list []variable) (within string, err error) {
	first := list[0].key()
	for _, key := range ck.keys {
		if before, is := strings.CutSuffix(key, first); is && (before == "" || strings.HasSuffix(before, "/")) {
			within = before
			break
		}
	}
	e := &MismatchError{File: ck.prefix}
	needed := map[string]bool{}
	for _, v := range list {
		key := within + v.key()
		needed[key] = true
		switch dtype, shape, err := ck.Info(key); {
		case err != nil:
			e.Missing = append(e.Missing, key)
		case dtype != Float32 || !slices.Equal(shape, v.shape):
			e.Differ = append(e.Differ, fmt.Sprintf("%s: not float32 %v but %v %v", key, v.shape, dtype, shape))
		}
	}
	for _, key := range ck.keys {
		if !needed[key] && !bookkeeping(strings.TrimPrefix(key, within)) {
			e.Unknown = append(e.Unknown, key)
		}
	}
	if len(e.Missing)+len(e.Unknown)+len(e.Differ) > 0 {
		return "", e
	}
	return within, nil
}

// bookkeeping tells whether a key is one that TensorFlow or Keras adds to a model's.
func bookkeeping(key string) bool {
	object, _, _ := strings.Cut(key, "/")
	return slices.Contains([]string{graphKey, "save_counter", "optimizer", "keras_api"}, object) || strings.Contains(key, "/.OPTIMIZER_SLOT/")
}

const graphKey = "_CHECKPOINTABLE_OBJECT_GRAPH"

// objectGraph is a TrackableObjectGraph: the tree of objects that the variables' paths name, each with its children's
// names and, at the leaves, the key of the tensor.
// Source: TensorFlow, tensorflow/core/protobuf/trackable_object_graph.proto.
func objectGraph(list []variable) string {
	type node struct{ children, attributes []byte }
	nodes := []*node{{}}
	numbers := map[string]int{"": 0} // of nodes, by path
	for _, v := range list {
		path := ""
		for name := range strings.SplitSeq(v.path, "/") {
			parent := nodes[numbers[path]]
			path += "/" + name
			if _, ok := numbers[path]; !ok {
				numbers[path] = len(nodes)
				child := appendBytes(appendVarint(nil, 1, uint64(len(nodes))), 2, []byte(name))
				parent.children = appendBytes(parent.children, 1, child)
				nodes = append(nodes, &node{})
			}
		}
		tensor := appendBytes(nil, 1, []byte(attribute))
		tensor = appendBytes(tensor, 2, []byte(v.path))
		tensor = appendBytes(tensor, 3, []byte(v.key()))
		nodes[numbers[path]].attributes = appendBytes(nil, 2, tensor)
	}
	var graph []byte
	for _, n := range nodes {
		hasValues := appendBytes(nil, 5, appendVarint(nil, 1, 1))
		graph = appendBytes(graph, 1, slices.Concat(n.children, n.attributes, hasValues))
	}
	return string(graph)
}
