package mnist

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/fetch/cache"
)

// small puts sets of a few digits in the place of MNIST's four files, and returns the new ones' contents. Cache and
// environment are empty.
func small(t *testing.T) (contents [4][]byte) {
	t.Setenv(Variable, "")
	t.Setenv(cache.Variable, filepath.Join(t.TempDir(), "cache"))
	before := Files
	t.Cleanup(func() { Files = before })
	contents = set(30, 20, 1)
	for i, b := range contents {
		a, err := decode(b)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		Files[i].Content = cache.Content{Size: int64(len(b)), SHA256: hex.EncodeToString(sum[:])}
		Files[i].Shape = a.Shape()
	}
	return contents
}

// set is the four files of a data set.
func set(train, test int, seed uint64) (files [4][]byte) {
	for i, n := range []int{train, test} {
		images, labels := Synthetic(n, seed+uint64(i))
		files[2*i], files[2*i+1] = encode(images), encode(labels)
	}
	return files
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// put writes files into a folder. Those that are nil are left out.
func put(t *testing.T, dir, ending string, files [4][]byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, b := range files {
		if b == nil {
			continue
		}
		if ending == ".gz" {
			b = zipped(b)
		}
		if err := os.WriteFile(filepath.Join(dir, Files[i].Name+ending), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// has fails the test unless d holds these files.
func has(t *testing.T, d *Digits, files [4][]byte) {
	t.Helper()
	for i, a := range d.all() {
		if want, _ := decode(files[i]); !(*a).Equal(want) {
			t.Errorf("%s is another", Files[i].Name)
		}
	}
}

func cached(t *testing.T) string {
	dir, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadFromCache(t *testing.T) {
	files := small(t)
	if _, err := Load(); !errors.Is(err, ErrAbsent) {
		t.Errorf("error %v, want ErrAbsent", err)
	}
	put(t, cached(t), "", [4][]byte{files[0], files[1], nil, nil})
	if _, err := Load(); !errors.Is(err, ErrAbsent) {
		t.Errorf("half of it: error %v, want ErrAbsent", err)
	}
	put(t, cached(t), "", files)
	for range 2 {
		d, err := Load()
		if err != nil {
			t.Fatal(err)
		}
		has(t, d, files)
		if d.Source != "MNIST" || d.Synthetic || d.Note != "" || d.String() != "MNIST: 30 digits to train with and 20 to test with." {
			t.Errorf("%#v", d)
		}
		array.Values[uint8](d.TrainImages)[0] = 99 // stays in this program
	}
}

func TestLoadFromFolder(t *testing.T) {
	files := small(t)
	for _, ending := range []string{"", ".gz"} {
		local := t.TempDir()
		t.Setenv(Variable, local)
		put(t, local, ending, files)
		for range 2 {
			d, err := Load()
			if err != nil {
				t.Fatal(err)
			}
			has(t, d, files)
			if d.Source != "MNIST" {
				t.Errorf("Source %q", d.Source)
			}
		}
	}
	// What was unpacked is there for everyone, and is unpacked again where it gets lost.
	t.Setenv(Variable, "")
	if _, err := Load(); err != nil {
		t.Error(err)
	}
	local := t.TempDir()
	put(t, local, ".gz", files)
	t.Setenv(Variable, local)
	for range 2 {
		if _, err := Load(); err != nil {
			t.Error(err)
		}
		os.Remove(filepath.Join(cached(t), Files[2].Name))
	}
	// Names as some archives have them.
	local = t.TempDir()
	put(t, local, "", files)
	for _, f := range Files {
		os.Rename(filepath.Join(local, f.Name), filepath.Join(local, strings.Replace(f.Name, "-idx", ".idx", 1)))
	}
	t.Setenv(Variable, local)
	if _, err := Load(); err != nil {
		t.Error(err)
	}
}

// A folder may hold other digits in the same format.
func TestLoadAnotherSet(t *testing.T) {
	files := small(t)
	other := set(7, 5, 100)
	for _, ending := range []string{"", ".gz"} {
		local := t.TempDir()
		put(t, local, ending, other)
		put(t, cached(t), "", files) // must not be taken for them
		t.Setenv(Variable, local)
		for range 2 {
			d, err := Load()
			if err != nil {
				t.Fatal(err)
			}
			has(t, d, other)
			if d.Source != local || d.Synthetic {
				t.Errorf("Source %q, Synthetic %v", d.Source, d.Synthetic)
			}
		}
	}
}

func TestLoadDamaged(t *testing.T) {
	files := small(t)
	flipped := bytes.Clone(files[0])
	flipped[500] ^= 1
	image, _ := decode(files[0])
	tall := array.From(array.Values[uint8](image), 15, 56, 28)
	letters := array.From(bytes.Repeat([]byte{11}, 30), 30)
	other := set(30, 20, 100)
	bomb := idx("\x08\x03\x00\x00\x00\x1e\x00\x00\x00\x1c\x00\x00\x00\x1c", 50<<20) // 50 MB, of which 30 images are announced
	tests := []struct {
		name   string
		ending string
		files  [4][]byte
		want   string // part of the error, for a folder and for the cache; "" where the cache asks for a download
	}{
		{"empty folder", "", [4][]byte{}, Files[0].Name},
		{"one missing", "", [4][]byte{files[0], files[1], files[2], nil}, Files[3].Name},
		{"one bit flipped", "", [4][]byte{flipped, files[1], files[2], files[3]}, "its SHA-256 is"},
		{"one bit flipped, gzipped", ".gz", [4][]byte{flipped, files[1], files[2], files[3]}, "its SHA-256 is"},
		{"truncated", "", [4][]byte{files[0], files[1], files[2][:999], files[3]}, "it has 999 bytes"},
		{"trailing", "", [4][]byte{files[0], files[1], append(bytes.Clone(files[2]), 0), files[3]}, "bytes, not"},
		{"exchanged", "", [4][]byte{files[2], files[1], files[0], files[3]}, "is damaged or another file"},
		{"empty files", "", [4][]byte{{}, {}, {}, {}}, "ends within its header"},
		{"another set, truncated", "", [4][]byte{other[0][:5000], other[1], other[2], other[3]}, "announces 23520 elements"},
		{"another set, gzipped, truncated", ".gz", [4][]byte{other[0][:5000], other[1], other[2], other[3]}, "announces 23520 elements"},
		{"another set, other size", "", [4][]byte{encode(tall), other[1], other[2], other[3]}, "has the shape [15 56 28]"},
		{"another set, too few labels", "", [4][]byte{other[0], other[3], other[2], other[3]}, "train-labels-idx1-ubyte [20]"},
		{"another set, no labels", "", [4][]byte{other[0], other[0], other[2], other[3]}, "want [n, 28, 28] and [n]"},
		{"letters", "", [4][]byte{other[0], encode(letters), other[2], other[3]}, "has a label 11"},
		{"gzip bomb", ".gz", [4][]byte{bomb, other[1], other[2], other[3]}, "it has more than 23536 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(cache.Variable, t.TempDir())
			local := t.TempDir()
			put(t, local, test.ending, test.files)
			t.Setenv(Variable, local)
			for range 2 { // the second time by what the first one noted
				if _, err := Load(); err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), Variable+"="+local) {
					t.Errorf("error %v, want %q", err, test.want)
				}
			}
			if test.ending == ".gz" {
				return
			}
			t.Setenv(Variable, "")
			put(t, cached(t), "", test.files)
			if d, err := Load(); err == nil {
				t.Errorf("the cache's are taken for %s", d.Source)
			}
			d := LoadOrSynthetic()
			if !d.Synthetic || d.Note == "" {
				t.Errorf("%v", d)
			}
		})
	}
	t.Run("packed by another program", func(t *testing.T) {
		local := t.TempDir()
		t.Setenv(Variable, local)
		put(t, local, "", files)
		for i, head := range []string{"PK\x03\x04", "\x1f\x8b\x08"} {
			os.Remove(filepath.Join(local, Files[i].Name))
			os.WriteFile(filepath.Join(local, Files[i].Name+".gz"), []byte(head), 0o644)
			if _, err := Load(); err == nil || !strings.Contains(err.Error(), Files[i].Name+".gz") {
				t.Errorf("%q: error %v", head, err)
			}
		}
	})
	t.Run("no folder", func(t *testing.T) {
		t.Setenv(Variable, filepath.Join(t.TempDir(), "none"))
		if _, err := Load(); err == nil || errors.Is(err, ErrAbsent) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("nowhere for a cache", func(t *testing.T) {
		t.Setenv(cache.Variable, "")
		t.Setenv("HOME", "")
		t.Setenv("XDG_CACHE_HOME", "")
		if _, err := Load(); err == nil || !strings.Contains(err.Error(), cache.Variable) {
			t.Errorf("error %v", err)
		}
		if d := LoadOrSynthetic(); d.TrainLabels.Len() != 30 {
			t.Errorf("%v", d)
		}
	})
}

func TestLoadOrSynthetic(t *testing.T) {
	files := small(t)
	first := LoadOrSynthetic()
	if !first.Synthetic || first.Source != "Synthetic digits" || !strings.Contains(first.Note, ErrAbsent.Error()) || !strings.Contains(first.String(), first.Note) {
		t.Errorf("%#v", first)
	}
	dir := filepath.Join(cached(t), fmt.Sprintf("synthetic-%d", drawing))
	for i, before := range []func(){
		func() {}, // they are there
		func() { os.WriteFile(filepath.Join(dir, Files[1].Name), []byte("damaged"), 0o644) },
		func() { os.RemoveAll(dir); os.WriteFile(dir, nil, 0o644) }, // they cannot be kept
	} {
		before()
		for k, a := range LoadOrSynthetic().all() {
			if !(*a).Equal(*first.all()[k]) || !slices.Equal((*a).Shape(), Files[k].Shape) {
				t.Errorf("time %d: %s is another", i+2, Files[k].Name)
			}
		}
	}
	put(t, cached(t), "", files)
	if d := LoadOrSynthetic(); d.Synthetic || d.Note != "" {
		t.Errorf("%v", d)
	}
}

// Loading maps the files: it must not copy 55 MB in each cell of the lesson.
func TestLoadAllocatesLittle(t *testing.T) {
	small(t)
	Files[0].Shape, Files[1].Shape = []int{5000, side, side}, []int{5000}
	LoadOrSynthetic()
	if bytes := allocated(func() { LoadOrSynthetic() }); bytes > 64<<10 {
		t.Errorf("%d bytes allocated", bytes)
	}
}

// allocated is how many bytes of memory f asks for.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// real loads MNIST itself, where it is.
func real(tb testing.TB) *Digits {
	d, err := Load()
	if err != nil || d.Source != "MNIST" {
		tb.Skipf("needs MNIST in the cache, or %s: %v", Variable, err)
	}
	return d
}

func TestMNIST(t *testing.T) {
	d := real(t)
	want := [4][]int{{60000, 28, 28}, {60000}, {10000, 28, 28}, {10000}}
	for i, a := range d.all() {
		if !slices.Equal((*a).Shape(), want[i]) || (*a).DType() != array.Uint8 {
			t.Errorf("%s: %v %v", Files[i].Name, (*a).DType(), (*a).Shape())
		}
	}
	// The first labels, and the mean that everybody who normalises MNIST quotes: 0.1307.
	if got := array.Values[uint8](d.TrainLabels)[:10]; !slices.Equal(got, []uint8{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}) {
		t.Errorf("training labels begin with %d", got)
	}
	if got := array.Values[uint8](d.TestLabels)[:10]; !slices.Equal(got, []uint8{7, 2, 1, 0, 4, 1, 4, 9, 5, 9}) {
		t.Errorf("test labels begin with %d", got)
	}
	if m := d.TrainImages.Mean() / 255; m < .13065 || m > .13067 {
		t.Errorf("mean %.6f", m)
	}
	if s := d.String(); s != "MNIST: 60,000 digits to train with and 10,000 to test with." {
		t.Error(s)
	}
}

func BenchmarkLoad(b *testing.B) {
	real(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadAndReadSamples(b *testing.B) {
	real(b)
	for b.Loop() {
		d, err := Load()
		if err != nil {
			b.Fatal(err)
		}
		d.TrainImages.Slice(0, 6000).Max()
	}
}
