package cache

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Content says what a file has to hold.
type Content struct {
	Size   int64  // in bytes; where SHA256 is not known, the most that it may have
	SHA256 string // in hexadecimal; "" where it is not known
}

// Error says that a file holds something else than it should.
type Error struct {
	Path   string
	Reason string // "it has 7 bytes, not 60008"
}

func (e *Error) Error() string { return e.Path + " is damaged or another file: " + e.Reason }

// meter is a writer that compares what is written with a Content.
type meter struct {
	want Content
	size int64
	hash hash.Hash
}

func newMeter(want Content) *meter { return &meter{want: want, hash: sha256.New()} }

func (m *meter) Write(p []byte) (int, error) {
	m.size += int64(len(p))
	return m.hash.Write(p)
}

// differs says what is wrong with what was written, or "".
func (m *meter) differs() string {
	switch sum := hex.EncodeToString(m.hash.Sum(nil)); {
	case m.size > m.want.Size:
		return fmt.Sprintf("it has more than %d bytes", m.want.Size)
	case m.want.SHA256 == "":
		return ""
	case m.size < m.want.Size:
		return fmt.Sprintf("it has %d bytes, not %d", m.size, m.want.Size)
	case !strings.EqualFold(sum, m.want.SHA256):
		return fmt.Sprintf("its SHA-256 is %s, not %s", sum, m.want.SHA256)
	}
	return ""
}

// Check reads the file and compares it with want. A file that differs is an *Error.
func Check(path string, want Content) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	// A size that is wrong tells enough, however large the file is.
	if info, err := file.Stat(); err == nil && want.SHA256 != "" && info.Mode().IsRegular() && info.Size() != want.Size {
		return &Error{path, fmt.Sprintf("it has %d bytes, not %d", info.Size(), want.Size)}
	}
	m := newMeter(want)
	if _, err := io.Copy(m, io.LimitReader(file, want.Size+1)); err != nil {
		return err
	}
	if reason := m.differs(); reason != "" {
		return &Error{path, reason}
	}
	return nil
}

// Write makes the file at path, and the folders above it, from what r has to say. Only once all of it is
// on the disk and is what want asks for does the file appear; until then, what stood there stays.
//
// It reads at most one byte more than want.Size. What differs from want is an *Error; an error of r is
// returned as it is, and a disk that refuses is an *fs.PathError.
func Write(path string, r io.Reader, want Content) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			temp.Close()
			os.Remove(temp.Name())
		}
	}()
	m := newMeter(want)
	if _, err := io.Copy(io.MultiWriter(temp, m), io.LimitReader(r, want.Size+1)); err != nil {
		return err
	}
	if reason := m.differs(); reason != "" {
		return &Error{path, reason}
	}
	if err := temp.Chmod(0o644); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// Unpack makes the file at path from another one that is gzipped (RFC 1952), or that only is called so
// and holds the content as it is. A stream that goes on after want.Size bytes is given up there.
func Unpack(from, path string, want Content) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	r := bufio.NewReader(file)
	if !gzipped(r) {
		return named(from, Write(path, r, want))
	}
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return &Error{from, "it begins as a gzip file does, but is none"}
	}
	return named(from, Write(path, unpacked, want))
}

// gzipped tells by the first bytes of r whether it is gzipped.
func gzipped(r *bufio.Reader) bool {
	start, _ := r.Peek(3)
	return bytes.Equal(start, []byte{0x1f, 0x8b, 8})
}

// named returns what is wrong with the content of a file as an *Error that names it.
func named(path string, err error) error {
	var damaged *Error
	var disk *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &damaged):
		return &Error{path, damaged.Reason}
	case err == nil, errors.As(err, &disk), errors.As(err, &link):
		return err
	}
	return &Error{path, "it cannot be unpacked (" + err.Error() + ")"}
}

// Find returns the file that a user has named in place of a download: local itself, or, where local is a
// folder, the first file in it that has one of the names, bare or with .gz.
func Find(local string, names ...string) (string, error) {
	info, err := os.Stat(local)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return local, nil
	}
	for _, name := range names {
		for _, ending := range []string{"", ".gz"} {
			path := filepath.Join(local, name+ending)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				return path, nil
			}
		}
	}
	return "", &fs.PathError{Op: "find", Path: filepath.Join(local, names[0]), Err: fs.ErrNotExist}
}
