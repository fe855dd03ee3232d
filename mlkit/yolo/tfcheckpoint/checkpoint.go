// Package tfcheckpoint reads and writes TensorFlow's checkpoints, and knows which tensor of yolov3-tf2's is which
// of a Darknet network.
//
//	checkpoint, err := tfcheckpoint.Open("checkpoints/yolov3.tf")
//	weights, err := tfcheckpoint.ToDarknet(checkpoint, config)
//
// A checkpoint (of version 2, called a tensor bundle) is several files with one prefix: PREFIX.index says for each
// tensor its key, type, shape, place and checksum; PREFIX.data-00000-of-00001 has the elements, one tensor after
// another, row by row, in little-endian order. Large ones have several data files.
//
// What a file claims is checked before memory is taken for it, and every tensor that is read against its
// checksum.
//
// Sources: TensorFlow, tensorflow/core/util/tensor_bundle/tensor_bundle.cc and core/protobuf/tensor_bundle.proto;
// for the mapping, yolov3-tf2, yolov3_tf2/models.py (github.com/zzh8829/yolov3-tf2).
package tfcheckpoint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// FormatError says what is wrong with a file of a checkpoint. Its Err may be ErrChecksum, errors.ErrUnsupported
// (the file is right, but in a form that is not read here) or fs.ErrNotExist (a file is missing).
type FormatError struct {
	File string
	Key  string // of the tensor, where it is about one
	Err  error
}

func (e *FormatError) Error() string {
	if e.Key != "" {
		return fmt.Sprintf("checkpoint %s: tensor %q: %v", e.File, e.Key, e.Err)
	}
	return fmt.Sprintf("checkpoint %s: %v", e.File, e.Err)
}

// Unwrap returns the reason.
func (e *FormatError) Unwrap() error { return e.Err }

// KeyError says that a checkpoint has no such tensor.
type KeyError struct{ File, Key string }

func (e *KeyError) Error() string {
	return fmt.Sprintf("checkpoint %s has no tensor %q", e.File, e.Key)
}

// A Tensor is an array with elements of one type, its last axis running fastest. It has one of Data, Strings and
// Bytes.
type Tensor struct {
	DType   DType
	Shape   []int     // empty: one element
	Data    []float32 // of a Float32
	Strings []string  // of a String
	Bytes   []byte    // of all others: the elements in little-endian order
}

// A Checkpoint is an index that was read. Tensors are read from the data files when they are asked for; nothing is
// kept open. It may be used from several goroutines.
type Checkpoint struct {
	prefix  string
	shards  int
	keys    []string // sorted
	entries map[string]entry
}

const indexSuffix = ".index"

// shardPath is the name of a data file.
func shardPath(prefix string, shard, shards int) string {
	return fmt.Sprintf("%s.data-%05d-of-%05d", prefix, shard, shards)
}

// Open reads the index of a checkpoint. The path is its prefix, its index, or a folder with no other checkpoint.
// An error is a *FormatError, or one of the file system.
func Open(path string) (*Checkpoint, error) {
	prefix, err := findPrefix(path)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{prefix: prefix}
	if err := c.readIndex(); err != nil {
		return nil, err
	}
	if err := c.checkShards(); err != nil {
		return nil, err
	}
	return c, nil
}

func findPrefix(path string) (string, error) {
	prefix := strings.TrimSuffix(path, indexSuffix)
	if _, err := os.Stat(prefix + indexSuffix); err == nil {
		return prefix, nil
	}
	files, err := os.ReadDir(path)
	if err != nil {
		return "", &FormatError{File: prefix + indexSuffix, Err: fmt.Errorf("no such checkpoint: give its prefix, its .index file or its folder: %w", fs.ErrNotExist)}
	}
	var found []string
	for _, file := range files {
		if name, is := strings.CutSuffix(file.Name(), indexSuffix); is {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 0:
		return "", &FormatError{File: path, Err: fmt.Errorf("the folder has no .index file: %w", fs.ErrNotExist)}
	case 1:
		return filepath.Join(path, found[0]), nil
	}
	return "", &FormatError{File: path, Err: fmt.Errorf("the folder has several checkpoints: choose one of %s", strings.Join(found[:min(len(found), 10)], ", "))}
}

func (c *Checkpoint) readIndex() error {
	path := c.prefix + indexSuffix
	fail := func(key string, err error) error { return &FormatError{path, key, err} }
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fail("", errors.New("it is not a file"))
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	index, err := io.ReadAll(io.LimitReader(file, maxIndex+1))
	switch {
	case err != nil:
		return err
	case len(index) > maxIndex:
		return fail("", fmt.Errorf("it has more than %d bytes, which no index has", maxIndex))
	}
	if key, err := c.parseIndex(index); err != nil {
		return fail(key, err)
	}
	return nil
}

// parseIndex fills in the checkpoint. With an error it returns the key that it is about.
func (c *Checkpoint) parseIndex(index []byte) (key string, err error) {
	records, err := readTable(index)
	if err != nil {
		return "", err
	}
	if len(records) == 0 || records[0].key != "" {
		return "", errors.New("it has no header")
	}
	h, err := parseHeader(records[0].value)
	if err != nil {
		return "", fmt.Errorf("its header: %w", err)
	}
	c.shards, c.entries = h.shards, make(map[string]entry, len(records)-1)
	for _, r := range records[1:] {
		e, err := parseEntry(r.value)
		if err == nil && e.shard >= c.shards {
			err = fmt.Errorf("it should be in data file %d of %d", e.shard, c.shards)
		}
		if err != nil {
			return r.key, err
		}
		c.keys = append(c.keys, r.key)
		c.entries[r.key] = e
	}
	byPlace := slices.SortedFunc(slices.Values(c.keys), func(a, b string) int {
		x, y := c.entries[a], c.entries[b]
		switch {
		case x.shard != y.shard:
			return x.shard - y.shard
		case x.offset != y.offset:
			return int(min(max(x.offset-y.offset, -1), 1))
		}
		return int(x.size - y.size)
	})
	for i := 1; i < len(byPlace); i++ {
		before, e := c.entries[byPlace[i-1]], c.entries[byPlace[i]]
		if e.shard == before.shard && e.offset < before.offset+before.size {
			return byPlace[i], fmt.Errorf("its bytes, from %d, overlap those of %q", e.offset, byPlace[i-1])
		}
	}
	return "", nil
}

// checkShards looks whether the data files have as many bytes as the index says.
func (c *Checkpoint) checkShards() error {
	sizes := make([]int64, c.shards)
	for shard := range sizes {
		path := shardPath(c.prefix, shard, c.shards)
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return &FormatError{File: path, Err: fmt.Errorf("this data file is missing; it belongs beside the index: %w", fs.ErrNotExist)}
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return &FormatError{File: path, Err: errors.New("it is not a file")}
		}
		sizes[shard] = info.Size()
	}
	for _, key := range c.keys {
		if e := c.entries[key]; e.offset+e.size > sizes[e.shard] {
			path := shardPath(c.prefix, e.shard, c.shards)
			return &FormatError{path, key, fmt.Errorf("it should end at byte %d, but the file has only %d: it did not arrive whole", e.offset+e.size, sizes[e.shard])}
		}
	}
	return nil
}

// Keys lists the tensors, sorted.
func (c *Checkpoint) Keys() []string { return slices.Clone(c.keys) }

// Info tells a tensor's type and shape, from the index alone. An error is a *KeyError.
func (c *Checkpoint) Info(key string) (DType, []int, error) {
	e, ok := c.entries[key]
	if !ok {
		return 0, nil, &KeyError{c.prefix, key}
	}
	return e.dtype, slices.Clone(e.shape), nil
}

// Tensor reads a tensor. An error is a *KeyError, a *FormatError, or one of the file system.
func (c *Checkpoint) Tensor(key string) (Tensor, error) { return c.read(key, nil) }

// read puts float32 into the memory of data, if there is enough.
func (c *Checkpoint) read(key string, data []float32) (Tensor, error) {
	e, ok := c.entries[key]
	if !ok {
		return Tensor{}, &KeyError{c.prefix, key}
	}
	path := shardPath(c.prefix, e.shard, c.shards)
	file, err := os.Open(path)
	if err != nil {
		return Tensor{}, err
	}
	defer file.Close()
	t, err := e.read(io.NewSectionReader(file, e.offset, e.size), data)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) { // whole when it was opened
		err = errors.New("the file became shorter")
	}
	if _, ofSystem := errors.AsType[*fs.PathError](err); err != nil && !ofSystem {
		err = &FormatError{path, key, err}
	}
	return t, err
}

// chunk is how many bytes are decoded or encoded at once: they stay in the cache.
const chunk = 1 << 18

func (e *entry) read(r io.Reader, data []float32) (Tensor, error) {
	t := Tensor{DType: e.dtype, Shape: slices.Clone(e.shape)}
	var crc uint32
	switch e.dtype {
	case Float32:
		t.Data = slices.Grow(data[:0], int(e.size/4))[:e.size/4]
		buffer := make([]byte, min(e.size, chunk))
		for rest := t.Data; len(rest) > 0; {
			n := min(len(rest), len(buffer)/4)
			if _, err := io.ReadFull(r, buffer[:4*n]); err != nil {
				return Tensor{}, err
			}
			crc = crc32.Update(crc, castagnoli, buffer[:4*n])
			if _, err := binary.Decode(buffer, binary.LittleEndian, rest[:n]); err != nil {
				return Tensor{}, err
			}
			rest = rest[n:]
		}
	default:
		t.Bytes = make([]byte, e.size)
		if _, err := io.ReadFull(r, t.Bytes); err != nil {
			return Tensor{}, err
		}
		crc = crc32.Checksum(t.Bytes, castagnoli)
	}
	if e.dtype == String {
		n, err := elements(e.shape)
		if err != nil {
			return Tensor{}, err
		}
		if t.Strings, crc, err = decodeStrings(t.Bytes, int(n)); err != nil {
			return Tensor{}, err
		}
		t.Bytes = nil
	}
	if mask(crc) != e.crc {
		return Tensor{}, ErrChecksum
	}
	return t, nil
}

// Strings are stored as their lengths (varints), the masked CRC of the lengths (as 32-bit numbers), and their bytes.
// The tensor's CRC is of the lengths as 32-bit numbers, that CRC, and the bytes.

func decodeStrings(b []byte, n int) (list []string, crc uint32, err error) {
	lengths := make([]uint64, n) // n is less than len(b)
	for i := range lengths {
		v, m := binary.Uvarint(b)
		if m <= 0 || v > maxTensor {
			return nil, 0, fmt.Errorf("the length of its string %d cannot be read", i)
		}
		lengths[i], b = v, b[m:]
		crc = crc32.Update(crc, castagnoli, binary.LittleEndian.AppendUint32(nil, uint32(v)))
	}
	if len(b) < 4 {
		return nil, 0, errors.New("it ends within the lengths of its strings")
	}
	if binary.LittleEndian.Uint32(b) != mask(crc) {
		return nil, 0, ErrChecksum
	}
	crc = crc32.Update(crc, castagnoli, b)
	b = b[4:]
	for i, length := range lengths {
		if length > uint64(len(b)) {
			return nil, 0, fmt.Errorf("its string %d should have %d bytes, but only %d are left", i, length, len(b))
		}
		list = append(list, string(b[:length]))
		b = b[length:]
	}
	if len(b) > 0 {
		return nil, 0, fmt.Errorf("%d bytes are left over after its strings", len(b))
	}
	return list, crc, nil
}

func encodeStrings(list []string) (b []byte, crc uint32) {
	for _, s := range list {
		b = binary.AppendUvarint(b, uint64(len(s)))
		crc = crc32.Update(crc, castagnoli, binary.LittleEndian.AppendUint32(nil, uint32(len(s))))
	}
	start := len(b)
	b = binary.LittleEndian.AppendUint32(b, mask(crc))
	for _, s := range list {
		b = append(b, s...)
	}
	return b, crc32.Update(crc, castagnoli, b[start:])
}
