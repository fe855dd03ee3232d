package nn

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/nlpodyssey/safetensors"
)

// A model's file is in the safetensors format (https://huggingface.co/docs/safetensors): the weights as float32
// under names like "conv2d/kernel", what the optimizer keeps under "optimizer/…", and as metadata
//
//	gopherlens  the version of this layout, "1"
//	model       the architecture: the shape of a sample, and the layers' Configs
//	history     the History
//
// the latter two in JSON.
const fileVersion = "1"

// maxHeader is the largest header of a file that is read, in bytes: reading hostile ones must stay cheap.
const maxHeader = 1 << 20

// architecture is what decides whether weights fit a model.
type architecture struct {
	Input  Shape            `json:"input"`
	Layers []map[string]any `json:"layers"`
}

func (m *Model) architecture(layers []placed) architecture {
	a := architecture{Input: layers[0].in}
	for _, l := range layers {
		c := l.Config()
		c["name"] = l.name
		delete(c, "input_shape") // Input says it for the whole model
		a.Layers = append(a.Layers, c)
	}
	return a
}

// difference tells in words how the model was when it was trained, "" if it was the same.
func (a architecture) difference(now architecture) string {
	if !slices.Equal(a.Input, now.Input) {
		return fmt.Sprintf("it took samples of the shape %s, and now takes %s", tuple(a.Input), tuple(now.Input))
	}
	for i := range max(len(a.Layers), len(now.Layers)) {
		if i >= len(a.Layers) || i >= len(now.Layers) {
			return fmt.Sprintf("it had %d layers, and now has %d", len(a.Layers), len(now.Layers))
		}
		then, is := a.Layers[i], now.Layers[i]
		if then["class_name"] != is["class_name"] {
			return fmt.Sprintf("layer %d was a %v, and now is a %v", i+1, then["class_name"], is["class_name"])
		}
		for _, key := range slices.Sorted(maps.Keys(is)) {
			// Through JSON, so that 3 and 3.0 are the same.
			before, after := toJSON(then[key]), toJSON(is[key])
			if before != after {
				return fmt.Sprintf("the layer %v had %s = %s, and now has %s", is["name"], key, before, after)
			}
		}
	}
	return ""
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v) // a number that is not finite
	}
	return string(b)
}

// path is where what the model learns is kept.
func (m *Model) path() string { return filepath.Join("models", fileName(m.name)+".safetensors") }

// fileName spells a name with what every file system takes; different names stay different.
func fileName(name string) string {
	var b strings.Builder
	for i, r := range []byte(name) {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if letter || r == '-' || r == '_' || r == '.' && i > 0 {
			b.WriteByte(r)
		} else {
			fmt.Fprintf(&b, "%%%02X", r)
		}
	}
	return b.String()
}

// checkName says if the model's name cannot be that of a file.
func (m *Model) checkName() error {
	if n := len(fileName(m.name)); n > 200 {
		return fmt.Errorf("the model's name %.20q… is too long: it would be a file name of %d letters, but at most 200 are possible", m.name, n)
	}
	return nil
}

// keep keeps what the model has learnt, on disk if it has a name.
func (m *Model) keep(s *state, weights snapshot) error {
	m.mu.Lock()
	m.state = s
	m.mu.Unlock()
	if m.name == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(m.path()), 0o755); err != nil {
		return fmt.Errorf("the model %q could not be saved: %w", m.name, err)
	}
	return m.write(m.path(), s, weights)
}

// learnt is what the model has learnt, in this process or in another one.
func (m *Model) learnt() (*state, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state != nil {
		return m.state, nil
	}
	if err := m.checkName(); err != nil {
		return nil, err
	}
	if m.name == "" {
		return nil, fmt.Errorf("the model has not been trained yet: call Fit first")
	}
	s, err := m.read(m.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the model %q has not been trained yet: call Fit first (there is no %s)", m.name, m.path())
	}
	m.state = s
	return s, err
}

// Save writes what the model has learnt into a safetensors file: the weights, and the history.
func (m *Model) Save(path string) error {
	s, err := m.learnt()
	if err != nil {
		return err
	}
	weights, err := s.snapshot()
	if err != nil {
		return err
	}
	return m.write(path, s, weights)
}

// Load takes what a model of the same layers has learnt from a file that [Model.Save] wrote. The model's own
// file, if it has a name, is not touched.
func (m *Model) Load(path string) error {
	s, err := m.read(path)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = s
	return nil
}

// write writes a file that is there whole or not at all.
func (m *Model) write(path string, s *state, weights snapshot) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the model%s could not be saved to %s: %w", m.quoted(), path, err)
		}
	}()
	model, err := json.Marshal(m.architecture(s.layers))
	if err != nil {
		return err
	}
	history, err := json.Marshal(s.history)
	if err != nil {
		return err
	}
	views := map[string]safetensors.TensorView{}
	for name, t := range weights {
		dims := []uint64{1} // the library knows no arrays without a dimension
		if !t.IsScalar() {
			dims = dims[:0]
			for _, d := range t.Shape().Dimensions {
				dims = append(dims, uint64(d))
			}
		}
		data := make([]byte, 0, t.Size()*4)
		err := tensors.ConstFlatData(t, func(values []float32) {
			for _, v := range values {
				data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
			}
		})
		if err != nil {
			return err
		}
		if views[strings.TrimPrefix(name, "/")], err = safetensors.NewTensorView(safetensors.F32, dims, data); err != nil {
			return err
		}
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".saving-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // fails once it was renamed
	metadata := map[string]string{"gopherlens": fileVersion, "model": string(model), "history": string(history)}
	if err := safetensors.SerializeToWriter(views, metadata, temp); err != nil {
		temp.Close()
		return err
	}
	if err := errors.Join(temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// read reads what a model of the same layers has learnt.
func (m *Model) read(path string) (*state, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	header, metadata, err := readHeader(f)
	if err != nil {
		return nil, fmt.Errorf("%s is not a model: %w", path, err)
	}
	var then architecture
	history := History{}
	if metadata["gopherlens"] != fileVersion ||
		json.Unmarshal([]byte(metadata["model"]), &then) != nil || json.Unmarshal([]byte(metadata["history"]), &history) != nil {
		return nil, fmt.Errorf("%s was not written by this version of nn: train the model again", path)
	}
	layers, err := m.place(nil)
	if errors.Is(err, errNoInputShape) {
		layers, err = m.place(then.Input)
	}
	if err != nil {
		return nil, err
	}
	if how := then.difference(m.architecture(layers)); how != "" {
		return nil, fmt.Errorf("the model%s was changed after it was trained (%s): call Fit to train it again", m.quoted(), how)
	}
	s, err := newState(layers, 0)
	if err != nil {
		return nil, err
	}
	s.history = history
	if err := s.fill(f, header); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return s, nil
}

// header says where the arrays of a file are.
type header struct {
	arrays map[string]*safetensors.TensorInfo
	start  int64 // of the data
}

// readHeader reads a file's header, and checks that its arrays fill the rest of the file.
func readHeader(f *os.File) (header, map[string]string, error) {
	info, err := f.Stat()
	if err != nil {
		return header{}, nil, err
	}
	var length [8]byte
	if _, err := f.ReadAt(length[:], 0); err != nil {
		return header{}, nil, fmt.Errorf("it has only %d bytes", info.Size())
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader || int64(n)+8 > info.Size() {
		return header{}, nil, fmt.Errorf("its header claims to have %d bytes", n)
	}
	text := make([]byte, n)
	if _, err := f.ReadAt(text, 8); err != nil {
		return header{}, nil, err
	}
	return parseHeader(text, info.Size()-8-int64(n))
}

// parseHeader parses a header for data of a size.
func parseHeader(text []byte, size int64) (header, map[string]string, error) {
	var parsed safetensors.Metadata
	if err := json.Unmarshal(text, &parsed); err != nil {
		return header{}, nil, fmt.Errorf("its header cannot be read: %w", err)
	}
	h := header{arrays: parsed.Tensors(), start: 8 + int64(len(text))}
	// The arrays have to lie one after the other, each as long as its shape says, up to the file's end.
	byOffset := slices.SortedFunc(maps.Values(h.arrays), func(a, b *safetensors.TensorInfo) int {
		if a.DataOffsets[0] != b.DataOffsets[0] {
			return cmpUint(a.DataOffsets[0], b.DataOffsets[0])
		}
		return cmpUint(a.DataOffsets[1], b.DataOffsets[1])
	})
	var end uint64
	for _, a := range byOffset {
		bytes := uint64(4)
		for _, d := range a.Shape {
			if d != 0 && bytes > uint64(size)/d {
				return header{}, nil, fmt.Errorf("an array %v is larger than the file", a.Shape)
			}
			bytes *= d
		}
		if a.DType != safetensors.F32 || a.DataOffsets[0] != end || a.DataOffsets[1] < end || a.DataOffsets[1]-end != bytes {
			return header{}, nil, fmt.Errorf("an array %v lies at the wrong place", a.Shape)
		}
		end += bytes
	}
	if end != uint64(size) {
		return header{}, nil, fmt.Errorf("it has %d bytes of data in place of %d", size, end)
	}
	return h, parsed.Metadata(), nil
}

func cmpUint(a, b uint64) int {
	if a < b {
		return -1
	}
	return 1
}

// fill gives the weights the values in a file, and takes over what the optimizer has kept.
func (s *state) fill(f io.ReaderAt, h header) error {
	for _, l := range s.layers {
		for _, w := range l.weights {
			if err := s.fillArray(f, h, weightPath(l.name, w.name), w.shape); err != nil {
				return err
			}
		}
	}
	for name, info := range h.arrays {
		// A slot of the optimizer is as large as its weight: no more memory is needed than for the weights.
		rest, isSlot := strings.CutPrefix("/"+name, optimizerScope)
		if !isSlot {
			continue
		}
		var shape []int
		if _, of, ok := strings.Cut(rest, "/"); ok {
			v := s.store.GetVariable("/" + of)
			if v == nil {
				return fmt.Errorf("%s belongs to no weight", name)
			}
			shape = v.Shape().Dimensions
		} else if count(toInts(info.Shape)) != 1 {
			return fmt.Errorf("%s should be a single number", name)
		}
		s.store.VariableWithValue("/"+name, tensors.FromShape(shapes.Make(dtypes.Float32, shape...))).SetTrainable(false)
		if err := s.fillArray(f, h, "/"+name, shape); err != nil {
			return err
		}
	}
	return nil
}

// fillArray gives one variable its value.
func (s *state) fillArray(f io.ReaderAt, h header, path string, shape []int) error {
	info := h.arrays[path[1:]]
	if info == nil {
		return fmt.Errorf("the weight %s is missing", path[1:])
	}
	if have := toInts(info.Shape); !slices.Equal(have, shape) && !(len(shape) == 0 && count(have) == 1) {
		return fmt.Errorf("the weight %s has the shape %s in place of %s", path[1:], tuple(have), tuple(shape))
	}
	data := make([]byte, count(shape)*4)
	if _, err := f.ReadAt(data, h.start+int64(info.DataOffsets[0])); err != nil {
		return err
	}
	t := tensors.FromShape(shapes.Make(dtypes.Float32, shape...))
	finite := true
	tensors.MustMutableFlatData(t, func(values []float32) {
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
			finite = finite && !math.IsNaN(float64(values[i])) && !math.IsInf(float64(values[i]), 0)
		}
	})
	if !finite {
		return fmt.Errorf("the weight %s has numbers that are not finite", path[1:])
	}
	return s.store.GetVariable(path).SetValue(t)
}

func toInts(shape []uint64) []int {
	ints := make([]int, len(shape))
	for i, d := range shape {
		ints[i] = int(d)
	}
	return ints
}
