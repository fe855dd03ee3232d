package tfcheckpoint

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// DType is the type of a tensor's elements, by TensorFlow's number for it.
// Source: TensorFlow, tensorflow/core/framework/types.proto.
type DType int

// The types that can be read and written.
const (
	Float32  DType = 1
	Float64  DType = 2
	Int32    DType = 3
	Uint8    DType = 4
	Int16    DType = 5
	Int8     DType = 6
	String   DType = 7
	Int64    DType = 9
	Bool     DType = 10
	BFloat16 DType = 14
	Uint16   DType = 17
	Float16  DType = 19
	Uint32   DType = 22
	Uint64   DType = 23
)

// dtypes has the name of each type and how many bytes an element has; strings differ in that.
var dtypes = map[DType]struct {
	name string
	size int64
}{
	Float32: {"float32", 4}, Float64: {"float64", 8}, Int32: {"int32", 4}, Uint8: {"uint8", 1}, Int16: {"int16", 2},
	Int8: {"int8", 1}, String: {"string", 0}, Int64: {"int64", 8}, Bool: {"bool", 1}, BFloat16: {"bfloat16", 2},
	Uint16: {"uint16", 2}, Float16: {"float16", 2}, Uint32: {"uint32", 4}, Uint64: {"uint64", 8},
}

// String is TensorFlow's name of the type.
func (t DType) String() string {
	if known, ok := dtypes[t]; ok {
		return known.name
	}
	return fmt.Sprintf("DType(%d)", int(t))
}

const (
	maxRank   = 254       // TensorFlow's
	maxTensor = 1<<31 - 1 // bytes, or elements
	maxShards = 1 << 12

	formatVersion = 1
)

// A header is the value of the empty key, a BundleHeaderProto.
// Source: TensorFlow, tensorflow/core/protobuf/tensor_bundle.proto and core/framework/versions.proto.
type header struct{ shards int }

func parseHeader(b []byte) (header, error) {
	var h header
	err := fields(b, func(number protowire.Number, v uint64, sub []byte) error {
		switch number {
		case 1:
			h.shards = int(min(v, math.MaxInt32))
		case 2:
			if v != 0 {
				return fmt.Errorf("its numbers are big-endian, from another kind of computer: %w", errors.ErrUnsupported)
			}
		case 3:
			return fields(sub, func(number protowire.Number, v uint64, _ []byte) error {
				if number == 2 && v > formatVersion {
					return fmt.Errorf("it is for programs that know version %d of the format; this one knows %d: %w", v, formatVersion, errors.ErrUnsupported)
				}
				return nil
			})
		}
		return nil
	})
	if err == nil && (h.shards < 1 || h.shards > maxShards) {
		err = fmt.Errorf("it claims to have %d data files; 1 to %d can be read", h.shards, maxShards)
	}
	return h, err
}

func (h header) append(b []byte) []byte {
	b = appendVarint(b, 1, uint64(h.shards))
	return appendBytes(b, 3, appendVarint(nil, 1, formatVersion))
}

// An entry is the value of a tensor's key, a BundleEntryProto.
type entry struct {
	dtype        DType
	shape        []int
	shard        int
	offset, size int64
	crc          uint32 // masked
}

func parseEntry(b []byte) (entry, error) {
	var e entry
	err := fields(b, func(number protowire.Number, v uint64, sub []byte) error {
		switch number {
		case 1:
			e.dtype = DType(min(v, math.MaxInt32))
		case 2:
			return e.parseShape(sub)
		case 3:
			e.shard = int(min(v, math.MaxInt32))
		case 4:
			e.offset = int64(min(v, math.MaxInt64))
		case 5:
			e.size = int64(min(v, math.MaxInt64))
		case 6:
			e.crc = uint32(v)
		case 7:
			return fmt.Errorf("it is stored in slices (a partitioned variable): %w", errors.ErrUnsupported)
		}
		return nil
	})
	if err != nil {
		return e, err
	}
	return e, e.check()
}

// parseShape reads a TensorShapeProto.
func (e *entry) parseShape(b []byte) error {
	return fields(b, func(number protowire.Number, v uint64, sub []byte) error {
		switch {
		case number == 3 && v != 0:
			return errors.New("its shape is not known")
		case number != 2:
			return nil
		case len(e.shape) == maxRank:
			return fmt.Errorf("its shape has more than %d axes", maxRank)
		}
		length := uint64(0)
		err := fields(sub, func(number protowire.Number, v uint64, _ []byte) error {
			if number == 1 {
				length = v
			}
			return nil
		})
		if length > maxTensor { // or negative
			return fmt.Errorf("axis %d of its shape has the length %d", len(e.shape), int64(length))
		}
		e.shape = append(e.shape, int(length))
		return err
	})
}

// check holds the entry's numbers against each other.
func (e *entry) check() error {
	n, err := elements(e.shape)
	if err != nil {
		return err
	}
	known, ok := dtypes[e.dtype]
	switch {
	case !ok:
		return fmt.Errorf("its elements are of %v: %w", e.dtype, errors.ErrUnsupported)
	case e.size > maxTensor:
		return fmt.Errorf("it has %d bytes; %d can be read", e.size, maxTensor)
	case e.dtype != String && e.size != n*known.size:
		return fmt.Errorf("it has %d bytes, but %v of shape %v takes %d", e.size, e.dtype, e.shape, n*known.size)
	case e.dtype == String && e.size < n+4: // a byte at least for the length of each, and a checksum
		return fmt.Errorf("it has %d bytes, too few for %d strings", e.size, n)
	case e.offset > math.MaxInt64-e.size:
		return fmt.Errorf("it begins at byte %d", e.offset)
	}
	return nil
}

// elements is how many a tensor of that shape has.
func elements(shape []int) (int64, error) {
	n := int64(1)
	for _, length := range shape {
		if length < 0 || length > maxTensor || int64(length)*n > maxTensor { // checked each time: the product cannot overflow
			return 0, fmt.Errorf("its shape is %v; a tensor may have %d elements", shape, maxTensor)
		}
		n *= int64(length)
	}
	return n, nil
}

func (e *entry) append(b []byte) []byte {
	b = appendVarint(b, 1, uint64(e.dtype))
	var shape []byte
	for _, length := range e.shape {
		shape = appendBytes(shape, 2, appendVarint(nil, 1, uint64(length)))
	}
	b = appendBytes(b, 2, shape)
	b = appendVarint(b, 3, uint64(e.shard))
	b = appendVarint(b, 4, uint64(e.offset))
	b = appendVarint(b, 5, uint64(e.size))
	if e.crc != 0 {
		b = protowire.AppendFixed32(protowire.AppendTag(b, 6, protowire.Fixed32Type), e.crc)
	}
	return b
}

// fields calls do for each field of a message of Protocol Buffers: with its number, and its value or its bytes.
// Source: https://protobuf.dev/programming-guides/encoding/.
func fields(message []byte, do func(number protowire.Number, v uint64, sub []byte) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		var v uint64
		var sub []byte
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(message)
		case protowire.Fixed32Type:
			var word uint32
			word, n = protowire.ConsumeFixed32(message)
			v = uint64(word)
		case protowire.BytesType:
			sub, n = protowire.ConsumeBytes(message)
		default: // used by no message here
			n = protowire.ConsumeFieldValue(number, kind, message)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		if err := do(number, v, sub); err != nil {
			return err
		}
	}
	return nil
}

// appendVarint leaves zeros out, as Protocol Buffers do.
func appendVarint(b []byte, number protowire.Number, v uint64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), v)
}

func appendBytes(b []byte, number protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), v)
}
