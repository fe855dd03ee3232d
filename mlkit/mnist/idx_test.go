package mnist

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"gopherlens/mlkit/array"
)

// idx is an IDX file with this header after its two zero bytes, and n more bytes.
func idx(head string, n int) []byte {
	return append([]byte("\x00\x00"+head), make([]byte, n)...)
}

func TestDecode(t *testing.T) {
	tests := []struct {
		name  string
		file  []byte
		shape []int
		err   string
	}{
		{"labels", idx("\x08\x01\x00\x00\x00\x07", 7), []int{7}, ""},
		{"images", idx("\x08\x03\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04", 24), []int{2, 3, 4}, ""},
		{"empty", nil, nil, "ends within its header"},
		{"cut in the magic number", []byte("\x00\x00\x08"), nil, "ends within its header"},
		{"cut in a length", idx("\x08\x01\x00\x00\x00", 0), nil, "ends within its header"},
		{"no lengths", idx("\x08\x02\x00\x00\x00\x07", 0), nil, "ends within its header"},
		{"gzipped", []byte("\x1f\x8b\x08\x08more"), nil, "begins with 1f 8b in place of 00 00"},
		{"text", []byte("<!DOCTYPE html>"), nil, "begins with 3c 21"},
		{"floats", idx("\x0d\x01\x00\x00\x00\x01", 4), nil, "type 0x0d"},
		{"no axis", idx("\x08\x00", 1), nil, "0 axes"},
		{"many axes", idx("\x08\xff", 1000), nil, "255 axes"},
		{"no elements", idx("\x08\x01\x00\x00\x00\x00", 0), nil, "no elements"},
		{"no elements on one axis", idx("\x08\x03\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x1c", 0), nil, "more than 470400000"},
		{"too many", idx("\x08\x01\xff\xff\xff\xff", 9), nil, "more than 470400000"},
		{"too many by multiplication", idx("\x08\x03\x00\x00\xff\xff\x00\x00\xff\xff\x00\x00\x00\x1c", 9), nil, "more than 470400000"},
		{"a product of 2⁶⁴", idx("\x08\x04\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00", 9), nil, "more than 470400000"},
		{"truncated", idx("\x08\x01\x00\x00\x00\x07", 6), nil, "announces 7 elements, in the shape [7], and has 6"},
		{"much announced, little there", idx("\x08\x01\x1c\x00\x00\x00", 6), nil, "and has 6"},
		{"trailing", idx("\x08\x01\x00\x00\x00\x07", 8), nil, "goes on after the 7 elements"},
	}
	for _, test := range tests {
		fromReader, err := Decode(iotest.OneByteReader(bytes.NewReader(test.file)))
		shared, err2 := decode(test.file)
		if test.err == "" {
			if err != nil || err2 != nil || !slices.Equal(fromReader.Shape(), test.shape) || !fromReader.Equal(shared) || fromReader.DType() != array.Uint8 {
				t.Errorf("%s: %v %v, %v %v", test.name, fromReader, err, shared, err2)
			}
			if back := encode(shared); !bytes.Equal(back, test.file) {
				t.Errorf("%s: written again: % x, want % x", test.name, back, test.file)
			}
			continue
		}
		var format *FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), test.err) || err2 == nil || err2.Error() != err.Error() {
			t.Errorf("%s: errors %v, %v; want %q", test.name, err, err2, test.err)
		}
	}
	broken := errors.New("broken")
	for n := range 12 {
		file := idx("\x08\x01\x00\x00\x00\x07", 7)[:n]
		if _, err := Decode(io.MultiReader(bytes.NewReader(file), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("broken after %d bytes: error %v", n, err)
		}
	}
}

// What a header announces must not cost memory before it is there.
func TestDecodeMemory(t *testing.T) {
	file := idx("\x08\x01\x1c\x00\x00\x00", 6) // announces 470 million bytes
	if bytes := allocated(func() { Decode(bytes.NewReader(file)) }); bytes > 64<<10 {
		t.Errorf("%d bytes allocated", bytes)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(idx("\x08\x01\x00\x00\x00\x07", 7))
	f.Add(idx("\x08\x03\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04", 24))
	f.Add(idx("\x08\x03\x00\x00\xff\xff\x00\x00\xff\xff\x00\x00\x00\x1c", 9))
	f.Add(idx("\x08\x04\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00", 9))
	f.Add(idx("\x0d\x01\x00\x00\x00\x01", 4))
	f.Add([]byte("\x1f\x8b\x08\x08"))
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := Decode(bytes.NewReader(file))
		shared, err2 := decode(file)
		var format *FormatError
		switch {
		case err == nil:
			if err2 != nil || !a.Equal(shared) || !bytes.Equal(encode(a), file) {
				t.Errorf("%v and %v, %v", a, shared, err2)
			}
		case !errors.As(err, &format) || !errors.As(err2, &format) || a != nil || shared != nil:
			t.Errorf("errors %v, %v", err, err2)
		}
	})
}
