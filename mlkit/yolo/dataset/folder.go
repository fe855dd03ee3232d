package dataset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// How long files may be.
const (
	maxList       = 256 << 20 // of photos: COCO's is 8 MB
	maxNames      = 1 << 20
	maxData       = 64 << 10
	maxLabels     = 4 << 20
	maxAnnotation = 1 << 20
)

// maxPhotos bounds the photos of a set: Open Images has 9 million, COCO 120,000.
const maxPhotos = 10_000_000

// A folder is where all files of a data set are. Nothing in it leads out of it, be it a link or a name with "..".
// Names in it have slashes on every system.
type folder string

// path is a file's for people.
func (f folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

// open opens a plain file. Anything else might never end.
func (f folder) open(name string) (*os.File, error) {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return nil, f.failed("", err)
	}
	defer root.Close()
	info, err := root.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, f.failed(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, &Error{File: f.path(name), Reason: "this is no plain file: put a copy of the file there"}
	}
	file, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, f.failed(name, err)
	}
	return file, nil
}

// failed says why a file cannot be opened.
func (f folder) failed(name string, err error) error {
	e := &Error{File: f.path(name), Reason: err.Error(), Cause: err}
	var at *fs.PathError
	if errors.As(err, &at) {
		e.Reason = at.Err.Error()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			e.Reason = "there is no such file"
		case strings.Contains(e.Reason, "escapes"): // os has no variable for it
			e.Reason = fmt.Sprintf("it leads out of the folder %s: copy what it leads to into it", string(f))
		}
	}
	return e
}

// read reads a whole file.
func (f folder) read(name string, limit int64) ([]byte, error) {
	file, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, f.failed(name, err)
	}
	if int64(len(data)) > limit {
		return nil, &Error{File: f.path(name), Reason: fmt.Sprintf("it is longer than %d bytes: is it the right file?", limit)}
	}
	return data, nil
}

// is says whether there is a plain file, or a folder, of that name.
func (f folder) is(name string, dir bool) bool {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return false
	}
	defer root.Close()
	info, err := root.Stat(filepath.FromSlash(name))
	return err == nil && info.IsDir() == dir
}

// lines calls line for each that is not blank, trimmed.
func (f folder) lines(name string, limit int64, line func(text string) error) error {
	data, err := f.read(name, limit)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	number := 0
	for lines.Scan() {
		number++
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		if err := line(text); err != nil {
			return &Error{f.path(name), number, err.Error(), err}
		}
	}
	if err := lines.Err(); err != nil {
		return &Error{f.path(name), number + 1, "the line is too long: is this the right file?", err}
	}
	return nil
}

// names reads the classes' names.
func (f folder) names(name string) ([]string, error) {
	data, err := f.read(name, maxNames)
	if err != nil {
		return nil, err
	}
	names, err := detection.ReadNames(bytes.NewReader(data))
	if err != nil {
		return nil, f.wrong(name, err)
	}
	return names, nil
}

// wrong is an error in a file that detection reads, with the file's name.
func (f folder) wrong(name string, err error) error {
	e := &Error{File: f.path(name), Reason: err.Error(), Cause: err}
	var format *detection.FormatError
	if errors.As(err, &format) {
		e.Line, e.Reason = format.Line, format.Reason
	}
	return e
}

// photo reads a photo.
func (f folder) photo(name string) (*image.RGBA, error) {
	file, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	img, err := photo.Decode(file, f.path(name))
	if err != nil {
		return nil, err
	}
	size := img.Bounds()
	if rgba, ok := img.(*image.RGBA); ok && size.Min == (image.Point{}) {
		return rgba, nil
	}
	rgba := image.NewRGBA(image.Rectangle{Max: size.Size()})
	draw.Draw(rgba, rgba.Rect, img, size.Min, draw.Src)
	return rgba, nil
}

// isPhoto goes by what a file is called.
func isPhoto(name string) bool {
	return slices.Contains([]string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"}, strings.ToLower(path.Ext(name)))
}

// withoutExt is a file's name without the ending.
func withoutExt(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// walk calls visit for each file in a folder and those in it, in order.
func (f folder) walk(dir string, visit func(name string) error) error {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return f.failed("", err)
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return f.failed(name, err)
		}
		if entry.IsDir() {
			if hidden := strings.HasPrefix(entry.Name(), ".") && name != "."; hidden {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasPrefix(entry.Name(), ".") { // such as macOS's ._dog.jpg
			return nil
		}
		return visit(name)
	})
}
