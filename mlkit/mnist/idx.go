package mnist

import (
	"encoding/binary"
	"fmt"
	"io"

	"gopherlens/mlkit/array"
)

// FormatError says what is wrong with an IDX file.
type FormatError struct{ Reason string }

func (e *FormatError) Error() string { return "not an IDX file of bytes: " + e.Reason }

// maxElements bounds what Decode reads: ten times MNIST's training images.
const maxElements = 10 * 60000 * side * side

// header reads the beginning of an IDX file: two zero bytes, the type of its elements (8 is uint8, the only
// one here), the number of dimensions, and each dimension as a big-endian uint32.
// Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
func header(r io.Reader) (dims []int, err error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, &FormatError{"it ends within its header"}
	}
	if magic[0] != 0 || magic[1] != 0 {
		return nil, &FormatError{fmt.Sprintf("it begins with % x in place of 00 00", magic[:2])}
	}
	if magic[2] != 8 {
		return nil, &FormatError{fmt.Sprintf("its elements are of type 0x%02x, not bytes (0x08)", magic[2])}
	}
	if magic[3] < 1 || magic[3] > 4 {
		return nil, &FormatError{fmt.Sprintf("it has %d dimensions; 1 to 4 can be read", magic[3])}
	}
	elements := uint64(1)
	for range magic[3] {
		var size [4]byte
		if _, err := io.ReadFull(r, size[:]); err != nil {
			return nil, &FormatError{"it ends within its header"}
		}
		d := binary.BigEndian.Uint32(size[:])
		if elements *= uint64(d); elements > maxElements {
			return nil, &FormatError{fmt.Sprintf("it announces more than %d elements", maxElements)}
		}
		dims = append(dims, int(d))
	}
	return dims, nil
}

// Decode reads an IDX file of bytes: MNIST's own format. It uses no more memory than what has really come,
// and at most about 470 MB. An error is a *FormatError, or one of r.
func Decode(r io.Reader) (*array.Array, error) {
	dims, err := header(r)
	if err != nil {
		return nil, err
	}
	n := 1
	for _, d := range dims {
		n *= d
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(n)+1))
	if err != nil {
		return nil, err
	}
	if len(data) < n {
		return nil, &FormatError{fmt.Sprintf("it announces %d elements of shape %v, and has %d", n, dims, len(data))}
	}
	if len(data) > n {
		return nil, &FormatError{fmt.Sprintf("it goes on after the %d elements of shape %v", n, dims)}
	}
	return array.From(data, dims...), nil
}

// encode is the IDX file of an array.
func encode(a *array.Array) []byte {
	file := []byte{0, 0, 8, byte(a.Dims())}
	for _, d := range a.Shape() {
		file = binary.BigEndian.AppendUint32(file, uint32(d))
	}
	return append(file, array.Values[uint8](a)...)
}
