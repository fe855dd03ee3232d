package mnist

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"gopherlens/mlkit/array"
)

// FormatError says what is wrong with an IDX file.
type FormatError struct{ Reason string }

func (e *FormatError) Error() string { return "not an IDX file of bytes: " + e.Reason }

// maxElements bounds what is read: ten times MNIST's training images.
const maxElements = 10 * 60000 * side * side

// header reads the beginning of an IDX file: two zero bytes, the type of its elements (8 is uint8, the only
// one here), the number of axes, and the length of each as a big-endian uint32.
// Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
func header(r io.Reader) (shape []int, err error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, inHeader(err)
	}
	switch {
	case magic[0] != 0 || magic[1] != 0:
		return nil, &FormatError{fmt.Sprintf("it begins with % x in place of 00 00", magic[:2])}
	case magic[2] != 8:
		return nil, &FormatError{fmt.Sprintf("its elements are of type 0x%02x, not bytes (0x08)", magic[2])}
	case magic[3] < 1 || magic[3] > 4:
		return nil, &FormatError{fmt.Sprintf("it has %d axes; 1 to 4 can be read", magic[3])}
	}
	elements := uint64(1)
	for range magic[3] {
		var length [4]byte
		if _, err := io.ReadFull(r, length[:]); err != nil {
			return nil, inHeader(err)
		}
		n := binary.BigEndian.Uint32(length[:])
		if n == 0 {
			return nil, &FormatError{"it announces no elements"}
		}
		if elements *= uint64(n); elements > maxElements { // checked each time: the product cannot overflow
			return nil, &FormatError{fmt.Sprintf("it announces more than %d elements", maxElements)}
		}
		shape = append(shape, int(n))
	}
	return shape, nil
}

// inHeader is an error while the header was read.
func inHeader(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return &FormatError{"it ends within its header"}
	}
	return err
}

// headerSize is how many bytes the header of an array of this shape has.
func headerSize(shape []int) int { return 4 + 4*len(shape) }

func product(shape []int) int {
	n := 1
	for _, length := range shape {
		n *= length
	}
	return n
}

// Decode reads an IDX file of bytes, MNIST's format, as an array of uint8. It takes no more memory than
// what has really come needs, and reads at most 470 MB. An error is a *FormatError, or one of r.
func Decode(r io.Reader) (*array.Array, error) {
	shape, err := header(r)
	if err != nil {
		return nil, err
	}
	elements, err := io.ReadAll(io.LimitReader(r, int64(product(shape))+1))
	if err != nil {
		return nil, err
	}
	return whole(elements, shape)
}

// decode is the array in an IDX file. It shares memory with the file.
func decode(file []byte) (*array.Array, error) {
	shape, err := header(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return whole(file[headerSize(shape):], shape)
}

// whole makes an array if there are as many elements as its shape asks for.
func whole(elements []byte, shape []int) (*array.Array, error) {
	switch n := product(shape); {
	case len(elements) < n:
		return nil, &FormatError{fmt.Sprintf("it announces %d elements, in the shape %v, and has %d", n, shape, len(elements))}
	case len(elements) > n:
		return nil, &FormatError{fmt.Sprintf("it goes on after the %d elements that its shape %v asks for", n, shape)}
	}
	return array.From(elements, shape...), nil
}

// encode is the IDX file of an array of uint8.
func encode(a *array.Array) []byte {
	file := []byte{0, 0, 8, byte(a.Dims())}
	for _, length := range a.Shape() {
		file = binary.BigEndian.AppendUint32(file, uint32(length))
	}
	return append(file, array.Values[uint8](a)...)
}
