package tfcheckpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// indexFiles are what TensorFlow wrote: small ones made here, and yolov3-tf2's where they lie beside the repository.
func indexFiles(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	for _, pattern := range []string{"testdata/*.index", filepath.Join(sharedData, "tf-checkpoint/*.index")} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if files[filepath.Base(path)], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

// sharedData is data beside the repository, if it is there.
const sharedData = "../../../../shared/data"

func TestTableIsTensorFlows(t *testing.T) {
	for name, file := range indexFiles(t) {
		records, err := readTable(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !bytes.Equal(writeTable(records), file) {
			t.Errorf("%s: its %d records are written as other bytes", name, len(records))
		}
		for _, r := range records[1:] {
			if name == "sliced.index" {
				break
			}
			if e, err := parseEntry(r.value); err != nil || !bytes.Equal(e.append(nil), r.value) {
				t.Errorf("%s: %q: entry %+v, %v, is written as other bytes", name, r.key, e, err)
			}
		}
	}
}

// table makes a table of blocks, each with its own records.
func table(blocks ...[]record) []byte {
	var file, h []byte
	var list []record
	for _, b := range blocks {
		file, h = appendBlock(file, b)
		list = append(list, record{b[len(b)-1].key, h})
	}
	return tableOf(file, list)
}

// tableOf ends a table with the list of its blocks.
func tableOf(file []byte, list []record) []byte {
	file, h := appendBlock(file, list)
	footer := make([]byte, footerSize)
	copy(footer, append([]byte{0, 0}, h...))
	binary.LittleEndian.PutUint64(footer[footerSize-8:], tableMagic)
	return append(file, footer...)
}

// rawBlock makes a block of any bytes, with the right checksum.
func rawBlock(block []byte, compression byte) []byte {
	file := append(bytes.Clone(block), compression)
	return binary.LittleEndian.AppendUint32(file, mask(crc32.Checksum(file, castagnoli)))
}

// inBlock makes a table of a block of any bytes.
func inBlock(block []byte, compression byte) []byte {
	return tableOf(rawBlock(block, compression), []record{{"z", binary.AppendUvarint([]byte{0}, uint64(len(block)))}})
}

func TestTableOfSeveralBlocks(t *testing.T) {
	var blocks [][]record
	var want []string
	for i := range 3 {
		var b []record
		for j := range 40 {
			b = append(b, record{fmt.Sprintf("key-%d-%02d", i, j), []byte{byte(i), byte(j)}})
			want = append(want, fmt.Sprint(b[j]))
		}
		blocks = append(blocks, b)
	}
	records, err := readTable(table(blocks...))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		if fmt.Sprint(r) != want[i] {
			t.Fatalf("record %d is %v, want %v", i, r, want[i])
		}
	}
	if len(records) != len(want) {
		t.Errorf("%d records, want %d", len(records), len(want))
	}
}

func TestWrongTables(t *testing.T) {
	good := writeTable([]record{{"", []byte("header")}, {"a", []byte("value")}})
	changed := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 1
		return b
	}
	twice, h := appendBlock(nil, []record{{"a", nil}})
	none := []byte{0, 0, 0, 0}
	long := strings.Repeat("a", maxKey)
	for _, test := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "it has 0 bytes", nil},
		{"a web page", "another kind of file", []byte("<!DOCTYPE html>" + strings.Repeat(" ", 100))},
		{"magic", "another kind of file", changed(len(good) - 1)},
		{"in a block", ErrChecksum.Error(), changed(6)},
		{"in a checksum", ErrChecksum.Error(), changed(len("header") + len("value") + 3 + 4 + 8 + 1)},
		{"place of a block", "cannot be read", append(bytes.Repeat([]byte{0xff}, footerSize-8), good[len(good)-8:]...)},
		{"block far away", "it should be 1099511627776 bytes at 0", tableOf(nil, []record{{"a", binary.AppendUvarint([]byte{0}, 1<<40)}})},
		{"block out of range", "it should be 18446744073709551615 bytes at 3", tableOf(nil, []record{{"a", binary.AppendUvarint([]byte{3}, 1<<64-1)}})},
		{"one block twice", "block 1: it overlaps the one before", tableOf(twice, []record{{"a", h}, {"b", h}})},
		{"handle cut off", "the length of a block cannot be read", tableOf(nil, []record{{"a", []byte{1}}})},
		{"not sorted", `"a" comes after "b"`, table([]record{{"b", nil}, {"a", nil}})},
		{"not sorted from block to block", `"a" comes after "a"`, table([]record{{"a", nil}}, []record{{"a", nil}})},
		{"tiny block", "too few for a block", inBlock([]byte{1}, 0)},
		{"restarts", "it claims 4294967295 restarts", inBlock([]byte{0xff, 0xff, 0xff, 0xff}, 0)},
		{"compressed", "it is compressed", inBlock(none, 1)},
		{"shares with no key", "longer than its block", inBlock(append([]byte{1, 0, 0}, none...), 0)},
		{"long key", "longer than its block", inBlock(append([]byte{0, 9, 0, 'a'}, none...), 0)},
		{"long value", "longer than its block", inBlock(append(binary.AppendUvarint([]byte{0, 1}, 1<<64-1), append([]byte("a"), none...)...), 0)},
		{"cut off record", "record 0 is cut off", inBlock(append([]byte{0, 0x80}, none...), 0)},
		{"huge key", "bytes of one name", table([]record{{long + "a", nil}})},
	} {
		records, err := readTable(test.file)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %d records, error %v, want one with %q", test.name, len(records), err, test.want)
		}
		if test.name == "compressed" && !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v is not errors.ErrUnsupported", test.name, err)
		}
	}
	for n := range len(good) {
		if records, err := readTable(good[:n]); err == nil {
			t.Errorf("cut off after %d of %d bytes it is read as %v", n, len(good), records)
		}
	}
}

// A small file must not unfold into much: its keys may share all of their bytes but one.
func TestTableBombs(t *testing.T) {
	// Keys of 4,096 bytes, each but two of them shared with the key before.
	b := binary.AppendUvarint([]byte{0}, maxKey)
	b = append(append(b, 0), strings.Repeat("a", maxKey)...)
	for i := range 30_000 {
		b = append(binary.AppendUvarint(b, maxKey-2), 2, 0, byte('b'+i/200), byte(i%200))
	}
	if records, err := readTable(inBlock(append(b, 0, 0, 0, 0), 0)); err == nil {
		t.Errorf("%d records of %d bytes each from %d bytes", len(records), maxKey, len(b))
	}
	b = nil
	for i := range maxRecords + 1 {
		b = append(b, 0, 3, 0, byte(i>>16), byte(i>>8), byte(i))
	}
	if records, err := readTable(inBlock(append(b, 0, 0, 0, 0), 0)); err == nil {
		t.Errorf("%d records", len(records))
	}
}

func FuzzIndex(f *testing.F) {
	for _, file := range indexFiles(f) {
		f.Add(file)
	}
	f.Add(table([]record{{"", header{1}.append(nil)}, {"a", new(entry{dtype: Float32, shape: []int{2}, size: 8}).append(nil)}}))
	f.Fuzz(func(t *testing.T, file []byte) {
		var c Checkpoint
		if _, err := c.parseIndex(file); err != nil {
			return
		}
		// What is accepted keeps its promises.
		ends := make([]int64, c.shards)
		for _, key := range c.keys {
			e := c.entries[key]
			if n, err := elements(e.shape); err != nil || e.size > maxTensor || e.dtype != String && n*dtypes[e.dtype].size != e.size {
				t.Errorf("%q: %+v, %d elements, %v", key, e, n, err)
			}
			ends[e.shard] = max(ends[e.shard], e.offset+e.size)
		}
		for _, end := range ends {
			if end < 0 {
				t.Errorf("a data file of %d bytes", end)
			}
		}
	})
}

// FuzzEntries mends the checksums, which the other target cannot guess.
func FuzzEntries(f *testing.F) {
	for _, file := range indexFiles(f) {
		records, err := readTable(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(records[0].value, records[1].value, file[:len(records[0].value)+len(records[1].value)])
	}
	f.Fuzz(func(t *testing.T, head, value, block []byte) {
		var c Checkpoint
		c.parseIndex(table([]record{{"", head}, {"a", value}}))
		if e, err := parseEntry(value); err == nil {
			if again, err := parseEntry(e.append(nil)); err != nil || fmt.Sprint(again) != fmt.Sprint(e) {
				t.Errorf("%+v is written and read as %+v, %v", e, again, err)
			}
		}
		readTable(inBlock(block, 0))
		decodeStrings(block, len(block)/2)
	})
}
