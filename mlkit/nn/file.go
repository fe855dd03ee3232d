package nn

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gopherlens/mlkit/internal/whole"

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
	metadata := map[string]string{"gopherlens": fileVersion, "model": string(model), "history": string(history)}
	return whole.WriteFile(path, func(w io.Writer) error { return safetensors.SerializeToWriter(views, metadata, w) })
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
	s, err := newState(layers)
	if err != nil {
		return nil, err
	}
	s.history = history
	if err := s.fill(f, header); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return s, nil
}
