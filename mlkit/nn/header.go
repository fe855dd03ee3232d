package nn

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/nlpodyssey/safetensors"
)

// maxHeader is the largest header of a file that is read, in bytes: reading hostile ones must stay cheap.
const maxHeader = 1 << 20

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
