package detection

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopherlens/mlkit/fetch/cache"
)

// A Store keeps what a detector found in photos, a file each: dog.jpg's is detections/yolov3/dog-0ab1….json. Whoever
// draws it later needs no network, as a notebook's cells, which are programs of their own.
//
//	store := detection.Store{Detector: "yolov3"}
//	err := store.Save("dog.jpg", "", found)
//	…
//	found, err := store.Load("dog.jpg")
//
// A photo is known by its name and its bytes, whatever folder it is in.
type Store struct {
	Folder   string // "detections" if it is ""
	Detector string // the name of a folder in Folder
}

// A record is what a file holds.
type record struct {
	Photo      string      `json:"photo"`
	Settings   string      `json:"settings"`
	Detections []Detection `json:"detections"`
}

// Save keeps what was found in a photo, and how the detector was set, in any words: [Store.LoadFor] asks for the
// same. What was kept of the photo is replaced.
func (s Store) Save(photo, settings string, found []Detection) error {
	path, err := s.path(photo)
	if err != nil {
		return err
	}
	text, err := json.Marshal(record{filepath.Base(photo), settings, append([]Detection{}, found...)})
	if err != nil {
		return err
	}
	if len(text) > maxFile {
		return fmt.Errorf("%s: %d detections are too many to keep", photo, len(found))
	}
	return cache.Write(path, bytes.NewReader(text), cache.Content{Size: int64(len(text))})
}

// Load is what was found in a photo the last time, with whatever settings. errors.Is(err, fs.ErrNotExist) tells that
// nothing has been kept.
func (s Store) Load(photo string) ([]Detection, error) {
	r, err := s.load(photo)
	return r.Detections, err
}

// LoadFor is what was found in a photo with these settings. Where nothing is kept, or was found with others,
// errors.Is(err, fs.ErrNotExist).
func (s Store) LoadFor(photo, settings string) ([]Detection, error) {
	r, err := s.load(photo)
	if err == nil && r.Settings != settings {
		return nil, fmt.Errorf("%s: what is kept was found with other settings: %w", photo, fs.ErrNotExist)
	}
	return r.Detections, err
}

func (s Store) load(photo string) (r record, err error) {
	path, err := s.path(photo)
	if err != nil {
		return record{}, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, fmt.Errorf("%s: what %s finds in it is not kept yet: detect first: %w", photo, s.Detector, fs.ErrNotExist)
	}
	if err != nil {
		return record{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("it is longer than %d bytes", maxFile)
	}
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return record{}, fmt.Errorf("%s is damaged: remove it, and detect again: %w", path, err)
	}
	return r, nil
}

// path is where a photo's detections are kept.
func (s Store) path(photo string) (string, error) {
	if s.Detector == "" || !filepath.IsLocal(s.Detector) {
		return "", &OptionError{"Detector", fmt.Sprintf("%q is no name of a folder", s.Detector)}
	}
	f, err := os.Open(photo)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errors.Join(err, fmt.Errorf("%s is no file", photo))
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	folder := s.Folder
	if folder == "" {
		folder = "detections"
	}
	base := filepath.Base(photo)
	base = strings.TrimSuffix(base, filepath.Ext(base))
	return filepath.Join(folder, s.Detector, fmt.Sprintf("%.100s-%.16x.json", base, sum.Sum(nil)[:8])), nil
}
