package cell

import (
	_ "embed" // for uploadScript
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gopherlens/mlkit/internal/notebook"
)

// uploadsDir is the folder beside the notebook that photos go to. It is a cell's own, too: a cell's working
// directory is its notebook's folder.
const uploadsDir = "uploads"

// maxUploads bounds how many files Uploads looks at.
const maxUploads = 10_000

// photoFormats are the pictures that the lesson reads. A name ends as one of extensions says, in small or capital
// letters, and a file begins as one of begins says, where ? is any byte.
var photoFormats = []struct {
	name       string
	extensions []string
	begins     []string
}{
	{"JPEG", []string{"jpg", "jpeg", "jfif"}, []string{"\xff\xd8\xff"}},
	{"PNG", []string{"png"}, []string{"\x89PNG\r\n\x1a\n"}},
	{"GIF", []string{"gif"}, []string{"GIF87a", "GIF89a"}},
	{"WebP", []string{"webp"}, []string{"RIFF????WEBP"}},
	{"BMP", []string{"bmp"}, []string{"BM"}},
	{"TIFF", []string{"tif", "tiff"}, []string{"II*\x00", "MM\x00*"}},
}

// photoHead is how many bytes tell a photo: as many as the longest of begins.
const photoHead = 12

// uploadScript is an ES module that defines start(id), which brings the widget with that id to life.
//
//go:embed upload.js
var uploadScript string

// An Uploader, shown in a notebook, lets the learner put photos into the folder uploads beside it, several at
// once, by a button or by dropping them there; [Uploads] finds them. Its zero value takes photos of up to 30 MB.
//
// It works on the page alone, with the Jupyter server behind it: the cell ends at once, and it goes on working
// when the kernel is busy or gone. Where there is no such server, as in VS Code, it says where to put the photos.
// Nothing is overwritten: a second dog.jpg becomes dog (2).jpg, and the widget says so.
type Uploader struct {
	MaxBytes int64 // the largest photo that is taken; 0 for 30,000,000
}

// Upload shows an Uploader.
func Upload() { Show(Uploader{}) }

// HTML returns the widget. Without its script, which a notebook that is not trusted leaves out, it is a sentence
// that says where to put the photos.
func (u Uploader) HTML() string {
	maxBytes := u.MaxBytes
	if maxBytes <= 0 {
		maxBytes = 30_000_000
	}
	var names, extensions, begins []string
	for _, f := range photoFormats {
		names = append(names, f.name)
		extensions = append(extensions, f.extensions...)
		for _, b := range f.begins {
			begins = append(begins, fmt.Sprintf("%x", b))
		}
	}
	last := len(names) - 1
	kinds := strings.Join(names[:last], ", ") + " or " + names[last]
	id := strconv.FormatUint(rand.Uint64(), 36)
	return fmt.Sprintf(`<div data-upload="%s" data-kernel="%s" data-max-bytes="%d" data-kinds="%s" data-extensions="%s" data-begins="%s">`+
		`<p>To use photos of your own, put them into the folder <code>%s/</code> beside this notebook, as %s files.</p>`+
		`<p data-again>To upload them right here, run this cell again.</p></div>`+
		"\n<script type=\"module\">\n%sstart(\"%s\");\n</script>",
		id, notebook.Escape(os.Getenv("GONB_JUPYTER_KERNEL_ID")), maxBytes, kinds, strings.Join(extensions, " "), strings.Join(begins, " "),
		uploadsDir, kinds, uploadScript, id)
}

// String says the same for where HTML cannot be shown.
func (u Uploader) String() string {
	return "To use photos of your own, put them into the folder " + uploadsDir + "/ beside this notebook."
}

// Uploads returns the paths of the photos in the folder uploads beside the notebook, sorted by name: "uploads/bus.jpg",
// "uploads/dog.png". A photo is a file that is named and begins as a JPEG, PNG, GIF, WebP, BMP or TIFF picture;
// other files, hidden ones, links and folders are left out. Where there is no such folder yet, there are no photos.
func Uploads() ([]string, error) {
	dir, err := os.Open(uploadsDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the folder %s cannot be read: %w", uploadsDir, err)
	}
	defer dir.Close()
	entries, err := dir.ReadDir(maxUploads + 1)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("the folder %s cannot be read: %w", uploadsDir, err)
	}
	if len(entries) > maxUploads {
		return nil, fmt.Errorf("the folder %s holds more than %d files: leave only the photos there that you want to use", uploadsDir, maxUploads)
	}
	var photos []string
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") || !namedAsPhoto(e.Name()) {
			continue
		}
		path := filepath.Join(uploadsDir, e.Name())
		is, err := beginsAsPhoto(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // it may be gone by now
			return nil, fmt.Errorf("a photo cannot be read: %w", err)
		}
		if is {
			photos = append(photos, path)
		}
	}
	slices.Sort(photos)
	return photos, nil
}

func namedAsPhoto(name string) bool {
	extension := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	for _, f := range photoFormats {
		if slices.Contains(f.extensions, extension) {
			return true
		}
	}
	return false
}

func beginsAsPhoto(path string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	head := make([]byte, photoHead)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return false, err
	}
	for _, f := range photoFormats {
		for _, b := range f.begins {
			if beginsWith(head[:n], b) {
				return true, nil
			}
		}
	}
	return false, nil
}

func beginsWith(head []byte, pattern string) bool {
	if len(head) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] != '?' && pattern[i] != head[i] {
			return false
		}
	}
	return true
}
