package mnist

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopherlens/mlkit/fetch/cache"
)

// ErrAbsent is what Load's error is when there is nothing to load.
var ErrAbsent = errors.New("MNIST is not on this computer yet: download.MNIST() fetches it")

// Load loads MNIST from the folder that $GOPHERLENS_MNIST names, or else from the cache. The four files are
// whole and right, or there is an error: their SHA-256 is looked at when they are new or have changed.
// errors.Is(err, ErrAbsent) tells that no download has been made yet.
//
// Gzipped files in the folder are unpacked once, into the cache. A folder may also hold another data set in the
// same format and under the same names (Fashion-MNIST, or digits of your own): images of 28 × 28 and as many
// labels from 0 to 9. Source then names the folder. But a folder where some of the files are MNIST's, and some
// are not, is taken for a damaged MNIST.
func Load() (*Digits, error) {
	dir, err := folder()
	if err != nil {
		return nil, err
	}
	if local := os.Getenv(Variable); local != "" {
		d, err := loadLocal(local, dir)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", Variable, local, err)
		}
		return d, nil
	}
	var paths [4]string
	absent := false
	for i, f := range Files {
		paths[i] = filepath.Join(dir, f.Name)
		switch err := cache.Verify(paths[i], f.Content); {
		case errors.Is(err, fs.ErrNotExist):
			absent = true
		case err != nil:
			return nil, fmt.Errorf("%w; download.MNIST() fetches it anew", err)
		}
	}
	if absent {
		return nil, ErrAbsent
	}
	return loadFiles(paths, "MNIST")
}

// folder is where the cache keeps the unpacked files.
func folder() (string, error) {
	dir, err := cache.Dir()
	return filepath.Join(dir, "mnist"), err
}

// loadFiles maps four IDX files into memory.
func loadFiles(paths [4]string, source string) (*Digits, error) {
	d := &Digits{Source: source}
	for i, to := range d.all() {
		file, err := mapFile(paths[i])
		if err != nil {
			return nil, err
		}
		if *to, err = decode(file); err != nil {
			return nil, fmt.Errorf("%s: %w", paths[i], err)
		}
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return d, nil
}

// loadLocal loads a folder of the user's.
func loadLocal(local, dir string) (*Digits, error) {
	var given, paths [4]string
	var err, wrong error
	right := 0
	for i, f := range Files {
		if given[i], err = cache.Find(local, f.Name, strings.Replace(f.Name, "-idx", ".idx", 1)); err != nil {
			return nil, err
		}
		if paths[i] = given[i]; gzipped(given[i]) {
			paths[i] = filepath.Join(dir, f.Name)
			err = cache.UnpackOnce(given[i], paths[i], f.Content)
		} else {
			err = cache.Verify(given[i], f.Content)
		}
		var another *cache.Error
		switch {
		case err == nil:
			right++
		case errors.As(err, &another):
			wrong = err
		default:
			return nil, err
		}
	}
	if right == len(Files) {
		return loadFiles(paths, "MNIST")
	}
	if right > 0 {
		return nil, wrong
	}
	for i, path := range given {
		if paths[i] = path; gzipped(path) {
			if paths[i], err = unpackOther(path, filepath.Join(dir, "other")); err != nil {
				return nil, err
			}
		}
	}
	return loadFiles(paths, local)
}

func gzipped(path string) bool { return strings.HasSuffix(path, ".gz") }

// unpackOther unpacks an IDX file that is not MNIST's into a folder, if that has not been done yet, and returns
// its path there. The file's own header says how much there is to unpack, so that is where it ends.
func unpackOther(from, dir string) (string, error) {
	file, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	state := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%d", from, info.Size(), info.ModTime().UnixNano()))
	path := filepath.Join(dir, fmt.Sprintf("%x", state[:8]))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", from, err)
	}
	var start bytes.Buffer
	shape, err := header(io.TeeReader(unpacked, &start))
	if err != nil {
		return "", fmt.Errorf("%s: %w", from, err)
	}
	size := int64(headerSize(shape) + product(shape))
	if err := cache.Write(path, io.MultiReader(&start, unpacked), cache.Content{Size: size}); err != nil {
		return "", fmt.Errorf("%s: %w", from, err)
	}
	return path, nil
}
