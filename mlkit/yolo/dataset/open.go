package dataset

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopherlens/mlkit/yolo/detection"
)

// Open opens the data set at path, to train with. It looks which form it has:
//
//   - A folder with YOLO's labels (see detection.WriteText): photos in images/ and folders in it, labels in labels/
//     under the same names but for the ending, .txt; or both side by side in the folder itself. The classes' names are
//     in names.txt, obj.names, classes.txt or another file that ends in .names, one a line.
//   - A file that ends in .data, Darknet's: lines such as train=train.txt, valid=valid.txt and names=obj.names. Lists
//     have a photo a line. Names are looked for beside the .data file, then in the folder above it. A photo's labels
//     are where its last folder images/ would be called labels/, or beside it.
//   - A folder of Pascal VOC: JPEGImages/, Annotations/ and, if it is there, ImageSets/Main/. The classes' names are in
//     one of the files above, or else all that Annotations names, in alphabetical order, which is VOC's own too.
//
// A photo without a file of labels shows no objects. Where a set is in parts, Open takes the one to train with, and
// OpenSplit others. Open looks at names and lists; photos and labels are read, and their mistakes found, when Sample
// asks for them. Links and names that lead out of the data set's folder are refused. An error about the set's files is
// an *Error, with the file and the line, or a photo's *photo.Error.
func Open(path string) (Set, error) { return OpenSplit(path, "") }

// OpenSplit is Open for a part of a set: "train", "valid" (or "val"), or what else the set has. In YOLO's folders it is
// that of photos in images/ (images/train, images/val), in a .data file the word before the equals sign, and in VOC
// the list in ImageSets/Main. "" is "train" where there is such a part, in VOC "trainval" before it, and otherwise all.
func OpenSplit(path, split string) (Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, folder(filepath.Dir(path)).failed(filepath.Base(path), err)
	}
	f := folder(path)
	switch {
	case !info.IsDir() && strings.EqualFold(filepath.Ext(path), ".data"):
		return openData(path, split)
	case !info.IsDir():
		return nil, &Error{File: path, Reason: "this is no data set: give its folder, or a Darknet file that ends in .data"}
	case f.is("JPEGImages", true) && f.is("Annotations", true):
		return openVOC(f, split)
	}
	return openYOLO(f, split)
}

// synonyms are what a part of a set may be called.
func synonyms(split string) []string {
	switch split {
	case "val", "valid":
		return []string{split, "val", "valid"}
	}
	return []string{split}
}

// checkSplit keeps a part's name from leading elsewhere.
func checkSplit(path, split string) error {
	if split != "" && (strings.ContainsAny(split, `/\`+"\x00") || !filepath.IsLocal(split)) {
		return &Error{File: path, Reason: fmt.Sprintf("there is no part %.50q: give a plain name, such as train or valid", split)}
	}
	return nil
}

// yolo is a set whose labels are YOLO's.
type yolo struct {
	folder
	classes []string
	photos  []string
	labels  []string // of each photo; "" where there are none
}

func (s *yolo) Len() int        { return len(s.photos) }
func (s *yolo) Names() []string { return slices.Clone(s.classes) }

func (s *yolo) Sample(i int) (Sample, error) {
	if i < 0 || i >= len(s.photos) {
		return Sample{}, absent(i, len(s.photos))
	}
	img, err := s.photo(s.photos[i])
	if err != nil || s.labels[i] == "" {
		return Sample{Image: img}, err
	}
	data, err := s.read(s.labels[i], maxLabels)
	if err != nil {
		return Sample{}, err
	}
	list, err := detection.ReadText(bytes.NewReader(data), img.Rect.Dx(), img.Rect.Dy(), s.classes)
	if err != nil {
		return Sample{}, s.wrong(s.labels[i], err)
	}
	sample := Sample{Image: img}
	for _, d := range list {
		if box := d.Box.Clip(img.Rect.Dx(), img.Rect.Dy()); box.Area() > 0 {
			sample.Objects = append(sample.Objects, Object{Class: d.Class, Box: box})
		}
	}
	return sample, nil
}

func absent(i, n int) error {
	return fmt.Errorf("there is no picture %d: the set has %d, counted from 0", i, n)
}

// add adds a photo, and its labels where there are some.
func (s *yolo) add(name string, hasLabels func(name string) bool) error {
	if len(s.photos) == maxPhotos {
		return fmt.Errorf("there are more than %d photos", maxPhotos)
	}
	s.photos = append(s.photos, name)
	beside := withoutExt(name) + ".txt"
	found := ""
	if at := strings.LastIndex("/"+beside, "/images/"); at >= 0 {
		if apart := beside[:at] + "labels/" + beside[at+len("images/"):]; hasLabels(apart) {
			found = apart
		}
	}
	if found == "" && hasLabels(beside) {
		found = beside
	}
	s.labels = append(s.labels, found)
	return nil
}

// checked says whether there is anything to learn from.
func (s *yolo) checked(file string) (Set, error) {
	if len(s.photos) == 0 {
		return nil, &Error{File: file, Reason: "there are no photos: put JPEG or PNG files there"}
	}
	for _, labels := range s.labels {
		if labels != "" {
			return s, nil
		}
	}
	return nil, &Error{File: file, Reason: fmt.Sprintf("none of the %d photos has labels: those of %s would be in a file %s in a folder labels beside images, or beside the photo",
		len(s.photos), s.photos[0], filepath.Base(withoutExt(s.photos[0]))+".txt")}
}

func openYOLO(f folder, split string) (Set, error) {
	if err := checkSplit(string(f), split); err != nil {
		return nil, err
	}
	names, err := f.findNames()
	if err != nil {
		return nil, err
	}
	if names == "" {
		return nil, &Error{File: string(f), Reason: "there is no names.txt: write the classes' names into such a file, one a line, in the order of their numbers"}
	}
	s := &yolo{folder: f}
	if s.classes, err = f.names(names); err != nil {
		return nil, err
	}
	dir := "."
	if f.is("images", true) {
		dir = "images"
	}
	switch {
	case split == "" && f.is("images/train", true):
		dir = "images/train"
	case split != "":
		dir = ""
		for _, part := range synonyms(split) {
			if f.is("images/"+part, true) {
				dir = "images/" + part
				break
			}
		}
		if dir == "" {
			return nil, &Error{File: f.path("images/" + split), Reason: "there is no such folder of photos"}
		}
	}
	var photos []string
	texts := map[string]bool{}
	visit := func(name string) error {
		if isPhoto(name) {
			photos = append(photos, name)
		} else if strings.HasSuffix(name, ".txt") {
			texts[name] = true
		}
		if len(photos)+len(texts) > 2*maxPhotos {
			return &Error{File: string(f), Reason: fmt.Sprintf("there are more than %d files", 2*maxPhotos)}
		}
		return nil
	}
	for _, dir := range []string{dir, "labels"} {
		if dir == "labels" && !f.is(dir, true) {
			continue
		}
		if err := f.walk(dir, visit); err != nil {
			return nil, err
		}
	}
	for _, name := range photos {
		if err := s.add(name, func(name string) bool { return texts[name] }); err != nil {
			return nil, &Error{File: f.path(dir), Reason: err.Error()}
		}
	}
	return s.checked(f.path(dir))
}

// findNames is the file of the classes' names, or "".
func (f folder) findNames() (string, error) {
	for _, name := range []string{"names.txt", "obj.names", "classes.txt"} {
		if f.is(name, false) {
			return name, nil
		}
	}
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return "", f.failed("", err)
	}
	found := ""
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".names") {
			if found != "" {
				return "", &Error{File: string(f), Reason: fmt.Sprintf("both %s and %s may be the classes' names: call one of them names.txt", found, entry.Name())}
			}
			found = entry.Name()
		}
	}
	return found, nil
}

func openData(path, split string) (Set, error) {
	own := folder(filepath.Dir(path))
	values := map[string]string{}
	err := own.lines(filepath.Base(path), maxData, func(text string) error {
		if strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") {
			return nil
		}
		key, value, ok := strings.Cut(text, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || key == "" || value == "" {
			return fmt.Errorf("%.50q is not like train=train.txt", text)
		}
		if _, twice := values[key]; twice {
			return fmt.Errorf("%.50q is there twice", key)
		}
		values[key] = value
		return nil
	})
	if err != nil {
		return nil, err
	}
	wanted := synonyms(split)
	if split == "" {
		wanted = []string{"train"}
	}
	part := slices.IndexFunc(wanted, func(key string) bool { return values[key] != "" })
	if part < 0 {
		return nil, &Error{File: path, Reason: fmt.Sprintf("it has no line %s=…, which would name a list of photos", wanted[0])}
	}
	list := values[wanted[part]]
	if values["names"] == "" {
		return nil, &Error{File: path, Reason: "it has no line names=…, which would name the file of the classes' names"}
	}

	// Darknet takes names from where it was started, often the folder above.
	base, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, &Error{File: path, Reason: err.Error(), Cause: err}
	}
	s := &yolo{}
	var listName string
	for _, dir := range []string{base, filepath.Dir(base)} {
		if name, err := folder(dir).inside(list); err == nil && folder(dir).is(name, false) {
			s.folder, listName = folder(dir), name
			break
		}
	}
	if s.folder == "" {
		return nil, &Error{File: path, Reason: fmt.Sprintf("there is no list of photos %.200q in its folder or the one above", list)}
	}
	name, err := s.inside(values["names"])
	if err != nil {
		return nil, &Error{File: path, Reason: err.Error()}
	}
	if s.classes, err = s.names(name); err != nil {
		return nil, err
	}
	err = s.lines(listName, maxList, func(text string) error {
		name, err := s.inside(text)
		if err != nil {
			return err
		}
		return s.add(name, func(name string) bool { return s.is(name, false) })
	})
	if err != nil {
		return nil, err
	}
	return s.checked(s.path(listName))
}

// inside is a file's name in the folder, from what a list calls it.
func (f folder) inside(text string) (string, error) {
	name := filepath.FromSlash(strings.ReplaceAll(text, `\`, "/"))
	if filepath.IsAbs(name) {
		rel, err := filepath.Rel(string(f), name)
		if err != nil {
			rel = ".."
		}
		name = rel
	}
	name = filepath.Clean(name)
	if !filepath.IsLocal(name) || strings.ContainsRune(name, 0) {
		return "", fmt.Errorf("%.200q is not in the folder %s: all files of a data set have to be in it", text, string(f))
	}
	return filepath.ToSlash(name), nil
}
