package zoo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopherlens/mlkit/fetch/cache"
)

func TestFind(t *testing.T) {
	before := Entries
	t.Cleanup(func() { Entries = before })
	t.Setenv(Variable, "")
	t.Setenv(cache.Variable, t.TempDir())
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	Entries = []Entry{{Name: "small", Config: file("small.cfg", 3, abc), Weights: file("small.weights", 3, abc)}, {Name: "within"}}

	if _, err := Find("small"); !errors.Is(err, ErrAbsent) || err.Error() != "the network small: small.cfg is not on this computer yet" {
		t.Errorf("nothing there: %v", err)
	}
	if _, err := Find("tiny"); err == nil || err.Error() != `there is no network "tiny" in the zoo, only small, within` {
		t.Errorf("no such network: %v", err)
	}
	if files, err := Find("within"); err != nil || files != (Files{}) {
		t.Errorf("a network without files is in %v, %v", files, err)
	}
	folder := t.TempDir()
	for _, name := range []string{"small.cfg", "small.weights"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("abc"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(Variable, folder)
	files, err := Find("small")
	if want := (Files{filepath.Join(folder, "small.cfg"), filepath.Join(folder, "small.weights")}); err != nil || files != want {
		t.Errorf("in a folder: %v, %v", files, err)
	}
	if err := os.WriteFile(files.Weights, []byte("<html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	var damaged *cache.Error
	if _, err := Find("small"); !errors.As(err, &damaged) {
		t.Errorf("a web page in the place of the weights: %v", err)
	}
}

func TestEntries(t *testing.T) {
	for _, e := range Entries {
		if len(e.Classes()) == 0 {
			t.Errorf("%s has no classes", e.Name)
		}
		if e.Within() {
			continue
		}
		for _, f := range []File{e.Config, e.Weights} {
			if len(f.Content.SHA256) != 64 || f.Content.Size <= 0 || len(f.URLs) == 0 {
				t.Errorf("%s: %s lacks its length, its sum or its mirrors", e.Name, f.Name)
			}
			for _, url := range f.URLs {
				if !strings.HasPrefix(url, "https://") || !strings.HasSuffix(url, "/"+f.Name) {
					t.Errorf("%s: %s", e.Name, url)
				}
			}
		}
	}
}
