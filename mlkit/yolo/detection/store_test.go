package detection

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestStore(t *testing.T) {
	t.Chdir(t.TempDir())
	picture := func(path, content string) string {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	mine, yours := picture("uploads/dog.jpg", "my dog"), picture("samples/dog.jpg", "your dog")
	store := Store{Detector: "yolov3"}
	if _, err := store.Load(mine); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "dog.jpg: what yolov3 finds") {
		t.Errorf("nothing kept: %v", err)
	}
	found := []Detection{{16, "dog", 0.65, Box{1, 2, 3.25, 4}}}
	if err := errors.Join(store.Save(mine, "as usual", found), store.Save(yours, "as usual", nil)); err != nil {
		t.Fatal(err)
	}
	for _, load := range []func() ([]Detection, error){
		func() ([]Detection, error) { return store.Load(mine) },
		func() ([]Detection, error) { return store.LoadFor(mine, "as usual") },
		func() ([]Detection, error) { return store.Load(picture("moved/dog.jpg", "my dog")) },
	} {
		if got, err := load(); err != nil || !reflect.DeepEqual(got, found) {
			t.Errorf("kept %v, %v", got, err)
		}
	}
	if got, err := store.Load(yours); err != nil || len(got) != 0 {
		t.Errorf("nothing was found, and kept is %v, %v", got, err)
	}
	for what, load := range map[string]func() ([]Detection, error){
		"other settings":   func() ([]Detection, error) { return store.LoadFor(mine, "else") },
		"another detector": func() ([]Detection, error) { return Store{Detector: "tiny"}.Load(mine) },
		"another folder":   func() ([]Detection, error) { return Store{"kept", "yolov3"}.Load(mine) },
		"a changed photo":  func() ([]Detection, error) { return store.Load(picture(mine, "my cat")) },
	} {
		if got, err := load(); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	if _, err := (Store{Detector: "../x"}).Load(yours); err == nil {
		t.Error("a detector's name leads out of the folder")
	}
	if _, err := store.Load("uploads"); err == nil || !strings.Contains(err.Error(), "no file") {
		t.Errorf("a folder: %v", err)
	}
	files, err := filepath.Glob("detections/yolov3/*")
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, path := range files {
		if err := os.WriteFile(path, []byte(`{"detections": [{"class": -1}]}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Load(yours); err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "remove it, and detect again") {
		t.Errorf("a damaged file: %v", err)
	}
}
