package tfcheckpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// What testdata/make.py has TensorFlow save, in two data files.
func TestReadsTensorFlows(t *testing.T) {
	c, err := Open("testdata/types")
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"bfloat16", "bool", "empty", "float16", "float32", "float64", "int16", "int32", "int64", "int8", "scalar", "strings", "uint16", "uint32", "uint64", "uint8"}
	if !slices.Equal(c.Keys(), keys) {
		t.Errorf("keys %q, want %q", c.Keys(), keys)
	}
	integer := func(size int) []byte {
		var b []byte
		for i := range byte(6) {
			b = append(append(b, i), make([]byte, size-1)...)
		}
		return b
	}
	doubles, err := binary.Append(nil, binary.LittleEndian, []float64{0, 1, 2, 3, 4, 5})
	if err != nil {
		t.Fatal(err)
	}
	shape := []int{2, 3}
	for key, want := range map[string]Tensor{
		"float32":  {DType: Float32, Shape: shape, Data: []float32{0, 1, 2, 3, 4, 5}},
		"float64":  {DType: Float64, Shape: shape, Bytes: doubles},
		"int32":    {DType: Int32, Shape: shape, Bytes: integer(4)},
		"uint8":    {DType: Uint8, Shape: shape, Bytes: integer(1)},
		"int16":    {DType: Int16, Shape: shape, Bytes: integer(2)},
		"int8":     {DType: Int8, Shape: shape, Bytes: integer(1)},
		"int64":    {DType: Int64, Shape: shape, Bytes: integer(8)},
		"bool":     {DType: Bool, Shape: shape, Bytes: []byte{0, 1, 1, 1, 1, 1}},
		"bfloat16": {DType: BFloat16, Shape: shape, Bytes: []byte{0, 0, 0x80, 0x3f, 0, 0x40, 0x40, 0x40, 0x80, 0x40, 0xa0, 0x40}},
		"uint16":   {DType: Uint16, Shape: shape, Bytes: integer(2)},
		"float16":  {DType: Float16, Shape: shape, Bytes: []byte{0, 0, 0, 0x3c, 0, 0x40, 0, 0x42, 0, 0x44, 0, 0x45}},
		"uint32":   {DType: Uint32, Shape: shape, Bytes: integer(4)},
		"uint64":   {DType: Uint64, Shape: shape, Bytes: integer(8)},
		"empty":    {DType: Float32, Shape: []int{0, 3}},
		"strings":  {DType: String, Shape: []int{2, 2}, Strings: []string{"", "gopher", strings.Repeat("\x00\xff", 100), "π"}},
		"scalar":   {DType: Float32, Data: []float32{-1.5}},
	} {
		got, err := c.Tensor(key)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", key, got, err, want)
		}
		if dtype, shape, err := c.Info(key); err != nil || dtype != want.DType || !slices.Equal(shape, want.Shape) {
			t.Errorf("%s: %v %v, %v; want %v %v", key, dtype, shape, err, want.DType, want.Shape)
		}
	}
	for dtype := range dtypes {
		if got, _, err := c.Info(dtype.String()); dtype != String && (err != nil || got != dtype) {
			t.Errorf("tensor %v is of %v, %v", dtype, got, err)
		}
	}
	var absent *KeyError
	if _, err := c.Tensor("absent"); !errors.As(err, &absent) || err.Error() != `checkpoint testdata/types has no tensor "absent"` {
		t.Errorf("error %v, want a *KeyError", err)
	}
	if _, err := Open("testdata/sliced"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a sliced variable: error %v, want errors.ErrUnsupported", err)
	}
}

// What is read is written as the same bytes, the header's number of data files aside.
func TestWritesAsTensorFlow(t *testing.T) {
	c, err := Open("testdata/training.index")
	if err != nil {
		t.Fatal(err)
	}
	var tensors []Named
	for _, key := range []string{"step/.ATTRIBUTES/VARIABLE_VALUE", graphKey} { // in the order of the data file
		tensor, err := c.Tensor(key)
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, Named{key, tensor})
	}
	prefix := filepath.Join(t.TempDir(), "copy")
	if err := Write(prefix, tensors); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{".index", ".data-00000-of-00001"} {
		want, err := os.ReadFile("testdata/training" + suffix)
		got, err2 := os.ReadFile(prefix + suffix)
		if err != nil || err2 != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %q, %v, %v, want %q", suffix, got, err2, err, want)
		}
	}
	if files, _ := os.ReadDir(filepath.Dir(prefix)); len(files) != 2 {
		t.Errorf("files are left over: %v", files)
	}
	// The graph of objects made here is TensorFlow's.
	if got, want := graphText(t, objectGraph([]variable{{path: "step"}})), graphText(t, tensors[1].Strings[0]); got != want {
		t.Errorf("the graph made here is\n%swant\n%s", got, want)
	}
}

// graphText lists the objects of a graph, each with its children and tensors. A variable's old name is left out.
func graphText(t *testing.T, graph string) string {
	var s strings.Builder
	err := fields([]byte(graph), func(_ protowire.Number, _ uint64, node []byte) error {
		s.WriteString("object")
		err := fields(node, func(part protowire.Number, _ uint64, sub []byte) error {
			fmt.Fprintf(&s, " (%d:", part)
			defer s.WriteString(")")
			return fields(sub, func(number protowire.Number, v uint64, text []byte) error {
				if part != 2 || number != 2 {
					fmt.Fprintf(&s, " %d=%d%s", number, v, text)
				}
				return nil
			})
		})
		s.WriteString("\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.String()
}

func TestRoundTripOfManyElements(t *testing.T) {
	data := make([]float32, chunk+123) // several buffers, the last one not full
	for i := range data {
		data[i] = float32(i) / 3
	}
	tensors := []Named{{"b", Tensor{DType: Float32, Shape: []int{len(data), 1}, Data: data}}, {"a", Tensor{DType: String, Strings: []string{"x"}}}}
	folder := t.TempDir()
	if err := Write(filepath.Join(folder, "first"), tensors[:1]); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(folder, "first"), tensors); err != nil { // replaces
		t.Fatal(err)
	}
	c, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range tensors {
		if got, err := c.Tensor(want.Key); err != nil || !slices.Equal(got.Data, want.Data) || !slices.Equal(got.Strings, want.Strings) {
			t.Errorf("%s: %d elements, %v", want.Key, len(got.Data), err)
		}
	}
	if err := Write(filepath.Join(folder, "second"), nil); err != nil {
		t.Fatal(err)
	}
	if c, err := Open(filepath.Join(folder, "second")); err != nil || len(c.Keys()) != 0 {
		t.Errorf("an empty checkpoint: %v, %v", c, err)
	}
	var format *FormatError
	if _, err := Open(folder); !errors.As(err, &format) || !strings.Contains(err.Error(), "choose one of first, second") {
		t.Errorf("a folder with two: %v", err)
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Open(filepath.Join(folder, "third")); !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &format) {
		t.Errorf("no such checkpoint: %v", err)
	}
}

func TestWrongTensorsAreNotWritten(t *testing.T) {
	prefix := filepath.Join(t.TempDir(), "kept")
	one := Tensor{DType: Float32, Shape: []int{1}, Data: []float32{1}}
	if err := Write(prefix, []Named{{"a", one}}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		want    string
		tensors []Named
	}{
		{"two tensors are called", []Named{{"a", one}, {"a", one}}},
		{"a key has", []Named{{"", one}}},
		{"a key has", []Named{{strings.Repeat("a", maxKey+1), one}}},
		{"it has 1 elements, but its shape [2 3] asks for 6", []Named{{"a", Tensor{DType: Float32, Shape: []int{2, 3}, Data: []float32{1}}}}},
		{"it has 0 elements", []Named{{"a", Tensor{DType: Float32, Bytes: make([]byte, 4)}}}},
		{"it has 0 elements", []Named{{"a", Tensor{DType: String, Bytes: make([]byte, 4)}}}},
		{"it has 9 bytes, but int64 of shape [1] takes 8", []Named{{"a", Tensor{DType: Int64, Shape: []int{1}, Bytes: make([]byte, 9)}}}},
		{"unsupported", []Named{{"a", Tensor{DType: 20, Bytes: []byte{1}}}}},
		{"shape is [-1 0]", []Named{{"a", Tensor{DType: Int8, Shape: []int{-1, 0}}}}},
		{"shape is [0 -1]", []Named{{"a", Tensor{DType: Int8, Shape: []int{0, -1}}}}},
		{"shape is [4294967296 4294967296]", []Named{{"a", Tensor{DType: Int8, Shape: []int{1 << 32, 1 << 32}}}}},
	} {
		if err := Write(prefix, test.tensors); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one with %q", err, test.want)
		}
	}
	if c, err := Open(prefix); err != nil || len(c.Keys()) != 1 {
		t.Errorf("what stood there before: %v, %v", c, err)
	}
	if files, _ := os.ReadDir(filepath.Dir(prefix)); len(files) != 2 {
		t.Errorf("files are left over: %v", files)
	}
}

// indexOf makes an index of one tensor, or of as many as there are entries.
func indexOf(h []byte, entries ...[]byte) []byte {
	records := []record{{"", h}}
	for i, e := range entries {
		records = append(records, record{string(rune('a' + i)), e})
	}
	return writeTable(records)
}

func TestWrongCheckpoints(t *testing.T) {
	head := header{shards: 1}.append(nil)
	good := entry{dtype: Float32, shape: []int{2}, size: 8, crc: mask(0x8c28b28a)}
	with := func(change func(e *entry)) []byte {
		e := good
		change(&e)
		return e.append(nil)
	}
	shape := func(axes ...uint64) []byte {
		var b []byte
		for _, length := range axes {
			b = appendBytes(b, 2, appendVarint(nil, 1, length))
		}
		return appendBytes(appendVarint(nil, 1, uint64(Float32)), 2, b)
	}
	data := make([]byte, 8) // two zeros
	for _, test := range []struct {
		name, want string
		is         error
		index      []byte
		data       []byte
	}{
		{"a web page", "another kind of file", nil, []byte("<!DOCTYPE html>" + strings.Repeat(" ", 100)), data},
		{"no records", "no header", nil, tableOf(nil, nil), data},
		{"no header", "no header", nil, writeTable([]record{{"a", good.append(nil)}}), data},
		{"header of no shards", "0 data files", nil, indexOf(nil, good.append(nil)), data},
		{"header of many shards", "2147483647 data files", nil, indexOf(appendVarint(nil, 1, 1<<40), good.append(nil)), data},
		{"big-endian", "big-endian", errors.ErrUnsupported, indexOf(appendVarint(bytes.Clone(head), 2, 1)), data},
		{"newer version", "version 2", errors.ErrUnsupported, indexOf(appendBytes(bytes.Clone(head), 3, appendVarint(nil, 2, 2))), data},
		{"broken header", "header", nil, indexOf([]byte{0x0a, 9}), data},
		{"broken entry", `tensor "a"`, nil, indexOf(head, []byte{0x12, 9}), data},
		{"shard", "data file 1 of 1", nil, indexOf(head, with(func(e *entry) { e.shard = 1 })), data},
		{"another data file", "is missing", fs.ErrNotExist, indexOf(header{shards: 2}.append(nil), good.append(nil)), data},
		{"no data file", "is missing", fs.ErrNotExist, indexOf(head, good.append(nil)), nil},
		{"short data file", "it should end at byte 8, but the file has only 7", nil, indexOf(head, good.append(nil)), data[:7]},
		{"offset", "it should end at byte 9", nil, indexOf(head, with(func(e *entry) { e.offset = 1 })), data},
		{"huge offset", "it begins at byte 9223372036854775807", nil, indexOf(head, with(func(e *entry) { e.offset = 1<<63 - 1 })), data},
		{"negative offset", "it begins at byte 9223372036854775807", nil, indexOf(head, with(func(e *entry) { e.offset = -1 })), data},
		{"size", "it has 4 bytes, but float32 of shape [2] takes 8", nil, indexOf(head, with(func(e *entry) { e.size = 4 })), data},
		{"huge size", "it has 1099511627776 bytes", nil, indexOf(head, with(func(e *entry) { e.size = 1 << 40 })), data},
		{"shape", "takes 12", nil, indexOf(head, with(func(e *entry) { e.shape = []int{3} })), data},
		{"negative shape", "axis 1 of its shape has the length -1", nil, indexOf(head, shape(2, 1<<64-1)), data},
		{"huge shape", "may have", nil, indexOf(head, shape(1<<30, 1<<30, 1<<30, 1<<30)), data},
		{"many axes", "more than 254 axes", nil, indexOf(head, shape(slices.Repeat([]uint64{1}, 255)...)), data},
		{"unknown shape", "not known", nil, indexOf(head, appendBytes(nil, 2, appendVarint(nil, 3, 1))), data},
		{"type", "DType(20)", errors.ErrUnsupported, indexOf(head, with(func(e *entry) { e.dtype = 20 })), data},
		{"too many strings", "too few for 5 strings", nil, indexOf(head, with(func(e *entry) { e.dtype, e.shape = String, []int{5} })), data},
		{"overlap", `overlap those of "a"`, nil, indexOf(head, good.append(nil), with(func(e *entry) { e.shape, e.size, e.offset = []int{1}, 4, 4 })), data},
		{"wrong data", "checksum", ErrChecksum, indexOf(head, good.append(nil)), []byte{0, 0, 0, 0, 0, 0, 0, 1}},
		{"huge index", "which no index has", nil, make([]byte, maxIndex+1), data},
	} {
		prefix := filepath.Join(t.TempDir(), "c")
		if err := os.WriteFile(prefix+".index", test.index, 0o600); err != nil {
			t.Fatal(err)
		}
		if test.data != nil {
			if err := os.WriteFile(shardPath(prefix, 0, 1), test.data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c, err := Open(prefix)
		if err == nil {
			_, err = c.Tensor("a")
		}
		var format *FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: error %v, want a *FormatError with %q that is %v", test.name, err, test.want, test.is)
		}
	}
}

func TestWrongStrings(t *testing.T) {
	b, crc := encodeStrings([]string{"ab", "", "c"})
	if list, got, err := decodeStrings(b, 3); err != nil || !slices.Equal(list, []string{"ab", "", "c"}) || got != crc {
		t.Errorf("%q, %08x, %v; want %08x", list, got, err, crc)
	}
	for n := range len(b) {
		if list, _, err := decodeStrings(b[:n], 3); err == nil {
			t.Errorf("cut off after %d of %d bytes: %q", n, len(b), list)
		}
	}
	if list, _, err := decodeStrings(append(b, 0), 3); err == nil {
		t.Errorf("a byte too many: %q", list)
	}
	if list, _, err := decodeStrings(b, 2); !errors.Is(err, ErrChecksum) {
		t.Errorf("a string fewer: %q, %v", list, err)
	}
}

// A file that changes after it was opened gives an error, not another tensor.
func TestFileChanges(t *testing.T) {
	prefix := filepath.Join(t.TempDir(), "c")
	if err := Write(prefix, []Named{{"a", Tensor{DType: Float32, Shape: []int{2}, Data: []float32{1, 2}}}}); err != nil {
		t.Fatal(err)
	}
	c, err := Open(prefix)
	if err != nil {
		t.Fatal(err)
	}
	var format *FormatError
	for _, size := range []int64{5, 0} {
		if err := os.Truncate(shardPath(prefix, 0, 1), size); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Tensor("a"); !errors.As(err, &format) || !strings.Contains(err.Error(), "became shorter") {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
	}
	if err := os.Remove(shardPath(prefix, 0, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Tensor("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed: %v", err)
	}
}
