package cache

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestDir(t *testing.T) {
	t.Setenv("HOME", "/home/gopher")
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv(Variable, "")
	if dir, err := Dir(); err != nil || !strings.HasPrefix(dir, "/home/gopher/") || filepath.Base(dir) != "gopherlens" {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv(Variable, "here")
	wd, _ := os.Getwd()
	if dir, err := Dir(); err != nil || dir != filepath.Join(wd, "here") {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv(Variable, "")
	t.Setenv("HOME", "")
	if _, err := Dir(); err == nil || !strings.Contains(err.Error(), "set "+Variable) {
		t.Errorf("error %v", err)
	}
}

var words = []byte("nine bytes, and more")

func want(b []byte) Content {
	sum := sha256.Sum256(b)
	return Content{int64(len(b)), hex.EncodeToString(sum[:])}
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func TestWriteAndCheck(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name string
		r    io.Reader
		want Content
		err  string
	}{
		{"right", bytes.NewReader(words), want(words), ""},
		{"upper-case sum", bytes.NewReader(words), Content{20, strings.ToUpper(want(words).SHA256)}, ""},
		{"sum unknown", bytes.NewReader(words), Content{Size: 30}, ""},
		{"sum unknown, too long", bytes.NewReader(words), Content{Size: 19}, "it has more than 19 bytes"},
		{"too short", bytes.NewReader(words[1:]), want(words), "it has 19 bytes, not 20"},
		{"too long", bytes.NewReader(append(words, 0)), want(words), "it has more than 20 bytes"},
		{"other bytes", bytes.NewReader(bytes.ToUpper(words)), want(words), "its SHA-256 is"},
		{"endless", endless{}, want(words), "it has more than 20 bytes"},
		{"breaks", io.MultiReader(bytes.NewReader(words), iotest.ErrReader(broken)), Content{Size: 30}, "broken"},
	}
	for _, test := range tests {
		path := filepath.Join(t.TempDir(), "a", "b", "file")
		err := Write(path, test.r, test.want)
		entries, _ := os.ReadDir(filepath.Dir(path))
		if test.err == "" {
			if err != nil || len(entries) != 1 || Check(path, test.want) != nil {
				t.Errorf("%s: %v, %v, %v", test.name, err, entries, Check(path, test.want))
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.err) || len(entries) > 0 {
			t.Errorf("%s: error %v, left %v", test.name, err, entries)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestWriteKeepsWhatStood(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Write(path, bytes.NewReader(words), want(words)); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, bytes.NewReader(words[:3]), want(words)); err == nil {
		t.Fatal("no error")
	}
	if err := Check(path, want(words)); err != nil {
		t.Error(err)
	}
	var disk *fs.PathError
	if err := Write(filepath.Join(path, "below"), bytes.NewReader(words), want(words)); !errors.As(err, &disk) {
		t.Errorf("error %v", err)
	}
}

func TestCheckRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Check(path, want(words)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	for _, b := range [][]byte{nil, words[1:], append(bytes.Clone(words), 0), bytes.ToUpper(words)} {
		os.WriteFile(path, b, 0o644)
		var damaged *Error
		if err := Check(path, want(words)); !errors.As(err, &damaged) || damaged.Path != path {
			t.Errorf("%q: error %v", b, err)
		}
	}
	if err := Check(t.TempDir(), Content{Size: 20}); err == nil {
		t.Error("a folder passes for a file")
	}
}

func TestUnpack(t *testing.T) {
	tests := []struct {
		name string
		from []byte
		err  string
	}{
		{"gzipped", zipped(words), ""},
		{"in two members", append(zipped(words[:5]), zipped(words[5:])...), ""},
		{"bare", words, ""},
		{"bomb", zipped(make([]byte, 10<<20)), "it has more than 20 bytes"},
		{"cut", zipped(words)[:25], "it cannot be unpacked (unexpected EOF)"},
		{"tail", append(zipped(words), "tail"...), "it cannot be unpacked"},
		{"empty", nil, "it has 0 bytes, not 20"},
		{"empty inside", zipped(nil), "it has 0 bytes, not 20"},
		{"head only", zipped(words)[:5], "but is none"},
	}
	for _, test := range tests {
		dir := t.TempDir()
		from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
		os.WriteFile(from, test.from, 0o644)
		err := Unpack(from, to, want(words))
		_, missing := os.Stat(to)
		if test.err == "" {
			if err != nil || Check(to, want(words)) != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		} else if err == nil || !strings.HasPrefix(err.Error(), from+" is damaged or another file: ") || !strings.Contains(err.Error(), test.err) || missing == nil {
			t.Errorf("%s: error %v, %v", test.name, err, missing)
		}
	}
	if err := Unpack(filepath.Join(t.TempDir(), "none"), "to", want(words)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "b.gz"), nil, 0o644)
	os.Mkdir(filepath.Join(dir, "a"), 0o755)
	for local, found := range map[string]string{dir: "b.gz", filepath.Join(dir, "b.gz"): "b.gz"} {
		if path, err := Find(local, "a", "b"); err != nil || path != filepath.Join(dir, found) {
			t.Errorf("%s: %s, %v", local, path, err)
		}
	}
	if _, err := Find(dir, "a", "c"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := Find(filepath.Join(dir, "none"), "a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// Verify reads the file the first time, and again when its size or its time has changed.
func TestVerify(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	t.Setenv(Variable, dir)
	path := filepath.Join(t.TempDir(), "file")
	if err := Verify(path, want(words)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	old := time.Now().Add(-time.Hour)
	other := bytes.ToUpper(words)
	note := filepath.Join(dir, "checked", want(words).SHA256)
	forget := func() { os.Chtimes(note, old, old) } // the note is from an hour ago
	steps := []struct {
		before  func()
		holds   []byte
		changed time.Time
		ok      bool
	}{
		{nil, other, old, false},                     // never read
		{nil, words, old, false},                     // not read, as it was wrong a moment ago
		{forget, words, old, true},                   // read
		{forget, other, old, true},                   // not read: right is right for ever
		{nil, other, old.Add(time.Second), false},    // has changed, read
		{nil, words, old.Add(2 * time.Second), true}, // has changed, read
		{nil, words[1:], old.Add(2 * time.Second), false},
	}
	write := func(b []byte, changed time.Time) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	for i, step := range steps {
		if step.before != nil {
			step.before()
		}
		write(step.holds, step.changed)
		if err := Verify(path, want(words)); (err == nil) != step.ok {
			t.Errorf("step %d: %v", i, err)
		}
	}
	write(words, old)
	moved := path + "2"
	os.Rename(path, moved)
	write(other, old)
	if err := Verify(moved, want(words)); err != nil {
		t.Error(err)
	}
	if err := Verify(path, want(words)); err == nil {
		t.Error("the note on one file served for another")
	}
	if err := os.WriteFile(note, []byte("\x00damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Verify(moved, want(words)); err != nil {
		t.Error(err)
	}
	t.Setenv(Variable, moved) // a cache that cannot be written to
	if err := Verify(moved, want(words)); err != nil {
		t.Error(err)
	}
	t.Setenv(Variable, "") // and none
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	if err := Verify(moved, want(words)); err != nil {
		t.Error(err)
	}
}

func TestUnpackOnce(t *testing.T) {
	t.Setenv(Variable, t.TempDir())
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from.gz"), filepath.Join(dir, "to")
	old := time.Now().Add(-time.Hour)
	write := func(path string, b []byte, changed time.Time) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		os.Chtimes(path, changed, changed)
	}
	unpacks := func(why string, ok bool) {
		t.Helper()
		err := UnpackOnce(from, to, want(words))
		if (err == nil) != ok || ok && Check(to, want(words)) != nil {
			t.Errorf("%s: %v, %v", why, err, Check(to, want(words)))
		}
	}
	unpacks("nothing there", false)
	write(from, zipped(words), old)
	unpacks("the first time", true)
	write(from, bytes.Repeat([]byte{7}, len(zipped(words))), old)
	unpacks("the second time, when it is not read", true)
	write(from, zipped(words), old)
	write(to, words[1:], old)
	unpacks("what was unpacked is damaged", true)
	os.Remove(to)
	unpacks("what was unpacked is gone", true)
	write(from, zipped(words[1:]), old.Add(time.Second))
	unpacks("another content", false)
	unpacks("another content, noted", false)
}

func FuzzUnpack(f *testing.F) {
	for _, b := range [][]byte{nil, words, zipped(words), zipped(words)[:9], zipped(make([]byte, 1<<16)), append(zipped(words[:5]), zipped(words[5:])...)} {
		f.Add(b)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
		os.WriteFile(from, b, 0o644)
		os.Remove(to)
		err := Unpack(from, to, Content{Size: 1000})
		if info, missing := os.Stat(to); (err == nil) != (missing == nil) || missing == nil && info.Size() > 1000 {
			t.Errorf("error %v, file %v", err, missing)
		}
		if entries, _ := os.ReadDir(dir); len(entries) > 2 {
			t.Errorf("left behind: %v", entries)
		}
	})
}
