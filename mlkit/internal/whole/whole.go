// Package whole writes files that are there whole or not at all.
package whole

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// WriteFile makes the file at path of what content writes. Only once all of it is on the disk does the file take the
// place of what stood there; if content or the disk fails, or the power, that stays. Its mode is what os.Create would
// give it. What is no file, as /dev/stdout or a pipe, is written to as it is.
func WriteFile(path string, content func(io.Writer) error) error {
	old, err := os.Stat(path)
	if err == nil && !old.Mode().IsRegular() && !old.IsDir() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(content(f), f.Close())
	}
	f, name, err := create(filepath.Dir(path))
	if err != nil {
		return about(path, name, err)
	}
	defer os.Remove(name) // fails once it was renamed
	defer f.Close()
	if old != nil { // not every file system has modes
		_ = f.Chmod(old.Mode().Perm())
	}
	for _, do := range []func() error{func() error { return content(f) }, f.Sync, f.Close, func() error { return os.Rename(name, path) }} {
		if err := do(); err != nil {
			return about(path, name, err)
		}
	}
	return nil
}

// create makes a new file in a folder. os.CreateTemp's would be its owner's alone.
func create(dir string) (f *os.File, name string, err error) {
	for range 100 {
		name = filepath.Join(dir, ".unfinished-"+strconv.FormatUint(rand.Uint64(), 36))
		if f, err = os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666); !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return f, name, err
}

// about is an error of the unfinished file's as one of the file that was asked for. Others stay as they are.
func about(path, unfinished string, err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) && e.Path == unfinished {
		return &fs.PathError{Op: "write", Path: path, Err: e.Err}
	}
	if e := (*os.LinkError)(nil); errors.As(err, &e) && e.Old == unfinished {
		return &fs.PathError{Op: "write", Path: path, Err: e.Err}
	}
	return err
}
