package tfcheckpoint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// The index is a sorted table in LevelDB's format: blocks of records, an index of the blocks, a footer that says
// where the index is. Every block ends in a byte for its compression and a masked CRC-32C.
//
// It is read and written here, not by a LevelDB in Go: those allocate as many bytes as a block claims to have
// before they look whether the file has them.
//
// Sources: LevelDB, doc/table_format.md; TensorFlow, tensorflow/tsl/lib/io/format.cc and block.cc.
const (
	footerSize      = 48
	trailerSize     = 5
	tableMagic      = 0xdb4775248b80fb57
	restartInterval = 16

	maxIndex   = 16 << 20 // bytes; YOLOv3's index has 24,143
	maxRecords = 1 << 17
	maxKey     = 4 << 10
	maxKeys    = 64 << 20 // bytes of all keys: records may share most of theirs
)

// ErrChecksum means that bytes in a file are not those that were written.
var ErrChecksum = errors.New("the bytes do not match their checksum: fetch or save the checkpoint again")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// mask changes a CRC so that it may stand inside of what another CRC is made of.
func mask(crc uint32) uint32 { return (crc>>15 | crc<<17) + 0xa282ead8 }

type record struct {
	key   string
	value []byte
}

// readTable lists the records of a table, which are in strictly rising order. They share memory with the file.
func readTable(file []byte) ([]record, error) {
	if len(file) < footerSize {
		return nil, fmt.Errorf("it has %d bytes; an index ends in a footer of %d", len(file), footerSize)
	}
	footer := file[len(file)-footerSize:]
	if binary.LittleEndian.Uint64(footer[footerSize-8:]) != tableMagic {
		return nil, errors.New("it does not end as an index does: it is cut off, or another kind of file (a web page?)")
	}
	_, rest, err := handle(footer) // of the block of metadata, which is empty
	if err != nil {
		return nil, err
	}
	blocks, _, err := handle(rest)
	if err != nil {
		return nil, err
	}
	var list reader
	if err := list.block(file, blocks); err != nil {
		return nil, fmt.Errorf("the index of its blocks: %w", err)
	}
	var r reader
	end := uint64(0)
	for i, entry := range list.records {
		h, _, err := handle(entry.value)
		if err == nil && h.offset < end {
			err = errors.New("it overlaps the one before") // or a small file could be read for ever
		}
		if err == nil {
			end = h.offset + h.length
			err = r.block(file, h)
		}
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", i, err)
		}
	}
	return r.records, nil
}

// A blockHandle says where a block is; its trailer follows.
type blockHandle struct{ offset, length uint64 }

func handle(b []byte) (blockHandle, []byte, error) {
	offset, n := binary.Uvarint(b)
	if n <= 0 {
		return blockHandle{}, nil, errors.New("the place of a block cannot be read")
	}
	length, m := binary.Uvarint(b[n:])
	if m <= 0 {
		return blockHandle{}, nil, errors.New("the length of a block cannot be read")
	}
	return blockHandle{offset, length}, b[n+m:], nil
}

// A reader collects the records of blocks.
type reader struct {
	records []record
	keys    int // bytes of all keys
}

func (r *reader) block(file []byte, h blockHandle) error {
	size := uint64(len(file) - footerSize)
	if h.offset > size || h.length > size-h.offset || size-h.offset-h.length < trailerSize {
		return fmt.Errorf("it should be %d bytes at %d, but the file has only %d", h.length, h.offset, len(file))
	}
	block := file[h.offset:][:h.length]
	trailer := file[h.offset+h.length:][:trailerSize]
	crc := crc32.Update(crc32.Checksum(block, castagnoli), castagnoli, trailer[:1])
	if mask(crc) != binary.LittleEndian.Uint32(trailer[1:]) {
		return ErrChecksum
	}
	if trailer[0] != 0 {
		return fmt.Errorf("it is compressed (type %d), which TensorFlow has not done since 2017: %w", trailer[0], errors.ErrUnsupported)
	}
	// At the end stand the offsets of the records whose keys are written in full, and how many those are. They
	// are for searching; who reads all of a block needs none.
	if len(block) < 4 {
		return fmt.Errorf("it has %d bytes, too few for a block", len(block))
	}
	restarts := uint64(binary.LittleEndian.Uint32(block[len(block)-4:]))
	if restarts > uint64(len(block)-4)/4 {
		return fmt.Errorf("it claims %d restarts in %d bytes", restarts, len(block))
	}
	rest := block[:uint64(len(block)-4)-4*restarts]
	previous := ""
	for len(rest) > 0 {
		var n [3]uint64 // bytes shared with the key before, further bytes of the key, bytes of the value
		for i := range n {
			v, m := binary.Uvarint(rest)
			if m <= 0 {
				return fmt.Errorf("record %d is cut off", len(r.records))
			}
			n[i], rest = v, rest[m:]
		}
		shared, unshared, value := n[0], n[1], n[2]
		if shared > uint64(len(previous)) || unshared > uint64(len(rest)) || value > uint64(len(rest))-unshared {
			return fmt.Errorf("record %d is longer than its block", len(r.records))
		}
		if r.keys += int(shared + unshared); shared+unshared > maxKey || r.keys > maxKeys || len(r.records) == maxRecords {
			return fmt.Errorf("more than %d tensors, %d bytes of one name or %d of all", maxRecords, maxKey, maxKeys)
		}
		key := previous[:shared] + string(rest[:unshared])
		if last := len(r.records) - 1; last >= 0 && key <= r.records[last].key {
			return fmt.Errorf("%q comes after %q, so it is not sorted", key, r.records[last].key)
		}
		r.records = append(r.records, record{key, rest[unshared:][:value]})
		previous, rest = key, rest[unshared+value:]
	}
	return nil
}

// writeTable makes a table of records that are in strictly rising order. All are in one block, as in TensorFlow's own
// tables of up to 256 KiB.
func writeTable(records []record) []byte {
	file, data := appendBlock(nil, records)
	file, meta := appendBlock(file, nil)
	file, blocks := appendBlock(file, []record{{successor(records[len(records)-1].key), data}})
	footer := append(meta, blocks...)
	footer = append(footer, make([]byte, footerSize-8-len(footer))...)
	return append(file, binary.LittleEndian.AppendUint64(footer, tableMagic)...)
}

// appendBlock also returns the block's handle.
func appendBlock(file []byte, records []record) (longer, handle []byte) {
	start := len(file)
	restarts := []uint32{0}
	for i, r := range records {
		shared := 0
		if i%restartInterval != 0 {
			before := records[i-1].key
			for shared < min(len(before), len(r.key)) && before[shared] == r.key[shared] {
				shared++
			}
		} else if i > 0 {
			restarts = append(restarts, uint32(len(file)-start))
		}
		for _, n := range []int{shared, len(r.key) - shared, len(r.value)} {
			file = binary.AppendUvarint(file, uint64(n))
		}
		file = append(append(file, r.key[shared:]...), r.value...)
	}
	for _, offset := range append(restarts, uint32(len(restarts))) {
		file = binary.LittleEndian.AppendUint32(file, offset)
	}
	handle = binary.AppendUvarint(binary.AppendUvarint(nil, uint64(start)), uint64(len(file)-start))
	file = append(file, 0) // not compressed
	return binary.LittleEndian.AppendUint32(file, mask(crc32.Checksum(file[start:], castagnoli))), handle
}

// successor is a short key that is not less than this one.
func successor(key string) string {
	for i := range len(key) {
		if key[i] != 0xff {
			return key[:i] + string([]byte{key[i] + 1})
		}
	}
	return key
}
