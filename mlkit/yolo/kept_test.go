package yolo

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"gopherlens/mlkit/fetch/cache"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
	"gopherlens/mlkit/yolo/zoo"
)

// What was found once is found again without the network.
func TestDetectFiles(t *testing.T) {
	t.Setenv(cache.Variable, t.TempDir())
	t.Setenv(zoo.Variable, filepath.Dir(shared(t, "darknet", "yolo-fastest-1.1.weights")))
	kept := detection.Store{Folder: t.TempDir(), Detector: "yolo-fastest-1.1"}
	dog := shared(t, "images", "dog.jpg")
	page := filepath.Join(t.TempDir(), "page.jpg")
	if err := os.WriteFile(page, []byte("<html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := DetectFiles(kept, []string{page, dog}, Options{})
	if !errors.Is(err, photo.ErrNotPicture) || len(first) != 2 || first[0] != nil || len(first[1]) == 0 {
		t.Fatalf("found %v, %v", first, err)
	}
	again, err := kept.Load(dog)
	if err != nil || len(again) != len(first[1]) {
		t.Fatalf("kept %v, %v", again, err)
	}

	t.Setenv(zoo.Variable, "") // and the cache has no network
	if second, err := DetectFiles(kept, []string{dog}, Options{}); err != nil || !reflect.DeepEqual(second[0], again) {
		t.Errorf("the second time %v, %v", second, err)
	}
	if _, err := DetectFiles(kept, []string{dog}, Options{Options: detection.Options{Score: 0.1}}); !errors.Is(err, zoo.ErrAbsent) {
		t.Errorf("with other options, the network is not asked: %v", err)
	}
	if _, err := DetectFiles(detection.Store{Detector: "yolov9"}, []string{dog}, Options{}); err == nil {
		t.Error("there is a network yolov9")
	}
}

// Our own network's weights are part of the program, and so of what was kept.
func TestDetectFilesWithin(t *testing.T) {
	kept := detection.Store{Folder: t.TempDir(), Detector: "shapes"}
	dog := shared(t, "images", "dog.jpg")
	if _, err := DetectFiles(kept, []string{dog}, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := kept.Load(dog); err != nil {
		t.Error(err)
	}
}
