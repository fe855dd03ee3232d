package whole

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path, like := filepath.Join(dir, "weights"), filepath.Join(dir, "like")
	if f, err := os.Create(like); err != nil {
		t.Fatal(err)
	} else {
		f.Close()
	}
	mode := func(path string) fs.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	is := func(want string) {
		t.Helper()
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("the file has %q, %v; want %q", got, err, want)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
			t.Errorf("in the folder are %v, %v", entries, err)
		}
	}
	if err := WriteFile(path, text("one")); err != nil || mode(path) != mode(like) {
		t.Errorf("%v; the mode is %v, and os.Create's %v", err, mode(path), mode(like))
	}
	is("one")
	failed := errors.New("failed")
	if err := WriteFile(path, func(w io.Writer) error { return errors.Join(text("tw")(w), failed) }); !errors.Is(err, failed) {
		t.Errorf("a failure gives %v", err)
	}
	is("one")
	func() {
		defer func() { recover() }()
		WriteFile(path, func(w io.Writer) error { panic("in the middle") })
	}()
	is("one")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	was := mode(path)
	if err := WriteFile(path, text("two")); err != nil || mode(path) != was {
		t.Errorf("%v; the mode was %v and is %v", err, was, mode(path))
	}
	is("two")
	for _, path := range []string{filepath.Join(dir, "nowhere", "file"), dir} {
		if err := WriteFile(path, text("three")); err == nil || strings.Contains(err.Error(), "unfinished") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	is("two")
}

// What is no file is not replaced by one.
func TestDevice(t *testing.T) {
	if _, err := os.Stat("/dev/null"); err != nil {
		t.Skip("skipped: needs /dev/null")
	}
	link := filepath.Join(t.TempDir(), "null")
	if err := os.Symlink("/dev/null", link); err != nil {
		t.Skip(err)
	}
	if err := WriteFile(link, text("gone")); err != nil {
		t.Error(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("it is %v now, %v", info, err)
	}
}
