package tfcheckpoint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Named is a tensor and its key.
type Named struct {
	Key string
	Tensor
}

// Write makes a checkpoint of the tensors: the files prefix.index and prefix.data-00000-of-00001, the tensors' elements
// in the order given. What stood there stays until all is written.
func Write(prefix string, tensors []Named) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing checkpoint %s: %w", prefix, err)
		}
	}()
	data, err := create(shardPath(prefix, 0, 1))
	if err != nil {
		return err
	}
	defer os.Remove(data.Name()) // fails once it was renamed
	records, err := writeData(data, tensors)
	if err := errors.Join(err, finish(data)); err != nil {
		return err
	}
	index, err := create(prefix + indexSuffix)
	if err != nil {
		return err
	}
	defer os.Remove(index.Name())
	_, err = index.Write(writeTable(records))
	if err := errors.Join(err, finish(index)); err != nil {
		return err
	}
	// The index last: without it there is no checkpoint, and with another one the checksums tell.
	return errors.Join(os.Rename(data.Name(), shardPath(prefix, 0, 1)), os.Rename(index.Name(), prefix+indexSuffix))
}

func create(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
}

func finish(f *os.File) error {
	err := f.Chmod(0o644)
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// writeData writes the elements and returns the index's records.
func writeData(w io.Writer, tensors []Named) ([]record, error) {
	records := []record{{"", header{shards: 1}.append(nil)}}
	offset := int64(0)
	for _, t := range tensors {
		e := entry{dtype: t.DType, shape: t.Shape, offset: offset}
		err := e.write(w, t.Tensor)
		switch {
		case err != nil:
		case t.Key == "" || len(t.Key) > maxKey:
			err = fmt.Errorf("a key has 1 to %d bytes", maxKey)
		case len(records) == maxRecords:
			err = fmt.Errorf("a checkpoint has at most %d tensors", maxRecords-1)
		}
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Key, err)
		}
		records = append(records, record{t.Key, e.append(nil)})
		offset += e.size
	}
	slices.SortFunc(records, func(a, b record) int { return strings.Compare(a.key, b.key) })
	for i := 1; i < len(records); i++ {
		if records[i].key == records[i-1].key {
			return nil, fmt.Errorf("two tensors are called %q", records[i].key)
		}
	}
	return records, nil
}

// write writes the elements and notes their size and checksum.
func (e *entry) write(w io.Writer, t Tensor) error {
	n, err := elements(t.Shape)
	if err != nil {
		return err
	}
	has := len(t.Bytes)
	if known := dtypes[t.DType]; known.size > 0 {
		has /= int(known.size)
	}
	switch t.DType {
	case Float32:
		has = len(t.Data)
	case String:
		has = len(t.Strings)
	}
	if int64(has) != n {
		return fmt.Errorf("it has %d elements, but its shape %v asks for %d", has, t.Shape, n)
	}
	switch t.DType {
	case Float32:
		e.size = 4 * n
		buffer := make([]byte, 0, chunk)
		for part := range slices.Chunk(t.Data, chunk/4) {
			if buffer, err = binary.Append(buffer[:0], binary.LittleEndian, part); err != nil {
				return err
			}
			e.crc = crc32.Update(e.crc, castagnoli, buffer)
			if _, err := w.Write(buffer); err != nil {
				return err
			}
		}
	case String:
		var b []byte
		b, e.crc = encodeStrings(t.Strings)
		e.size = int64(len(b))
		_, err = w.Write(b)
	default:
		e.size, e.crc = int64(len(t.Bytes)), crc32.Checksum(t.Bytes, castagnoli)
		_, err = w.Write(t.Bytes)
	}
	e.crc = mask(e.crc)
	return errors.Join(err, e.check())
}
