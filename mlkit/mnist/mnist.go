// Package mnist loads handwritten digits: the 70,000 of MNIST, or synthetic ones drawn here.
//
//	digits, err := mnist.Load()
//	if err != nil {
//		log.Fatal(err) // mlkit/mnist/download fetches them
//	}
//	fmt.Println(digits.TrainImages.Shape()) // [60000 28 28]
//
// The pictures come in MNIST's own order. Nothing here uses the network, and loading costs next to nothing,
// since the files are mapped into memory: a lesson may load them anew in every cell.
package mnist

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/fetch/cache"
)

// Variable is the environment variable that names a folder with the four files, gzipped or not, to be used in
// place of a download.
const Variable = "GOPHERLENS_MNIST"

// A File is one of the four that MNIST is made of.
type File struct {
	// Name is the unpacked file's: train-images-idx3-ubyte.
	Name string
	// Content is the unpacked file's. The gzipped ones differ from mirror to mirror.
	Content cache.Content
	// Shape is that of the array in it.
	Shape []int
}

// Files are MNIST's: training images and labels, test images and labels.
var Files = [4]File{
	{"train-images-idx3-ubyte", cache.Content{Size: 47040016, SHA256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"}, []int{60000, side, side}},
	{"train-labels-idx1-ubyte", cache.Content{Size: 60008, SHA256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"}, []int{60000}},
	{"t10k-images-idx3-ubyte", cache.Content{Size: 7840016, SHA256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"}, []int{10000, side, side}},
	{"t10k-labels-idx1-ubyte", cache.Content{Size: 10008, SHA256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}, []int{10000}},
}

// Digits are pictures of digits and their answers, to train and to test with.
type Digits struct {
	TrainImages *array.Array // uint8 [60000, 28, 28], 0 is the ground and 255 the ink
	TrainLabels *array.Array // uint8 [60000], 0 to 9
	TestImages  *array.Array // uint8 [10000, 28, 28]
	TestLabels  *array.Array // uint8 [10000]

	// Source says in a few words where they are from: "MNIST", "synthetic digits".
	Source string
	// Synthetic tells that they were drawn here, and Note why.
	Synthetic bool
	Note      string
}

// String says what there is, and why, if it is not MNIST.
func (d *Digits) String() string {
	s := fmt.Sprintf("%s: %d digits to train with and %d to test with.", d.Source, d.TrainLabels.Len(), d.TestLabels.Len())
	if d.Note != "" {
		s = d.Note + "\n" + s
	}
	return s
}

// ErrAbsent is what Load's error is when the digits are not on this computer.
var ErrAbsent = errors.New("MNIST is not on this computer yet: download.MNIST() of mlkit/mnist/download fetches it")

// Load loads MNIST from the folder that $GOPHERLENS_MNIST names, or else from the cache. The four files are
// whole and right, or there is an error; errors.Is(err, ErrAbsent) tells that there are none.
//
// A folder may hold another data set in the same format and under the same names (Fashion-MNIST, say): pictures
// of 28×28 with as many labels. Source then names the folder.
func Load() (*Digits, error) {
	dir, err := Dir()
	if err != nil {
		return nil, err
	}
	local := os.Getenv(Variable)
	d := &Digits{Source: "MNIST"}
	for i, to := range []**array.Array{&d.TrainImages, &d.TrainLabels, &d.TestImages, &d.TestLabels} {
		if *to, err = Files[i].load(local, dir); errors.Is(err, errOther) {
			return loadOther(local)
		} else if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Dir is the folder of the cache that holds the unpacked files.
func Dir() (string, error) {
	dir, err := cache.Dir()
	return filepath.Join(dir, "mnist"), err
}

// errOther tells that a folder holds other files than MNIST's.
var errOther = errors.New("not MNIST")

// load maps one file, from the local folder if there is one.
func (f File) load(local, dir string) (*array.Array, error) {
	path := filepath.Join(dir, f.Name)
	if local != "" {
		given, err := cache.Find(local, f.Name)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", Variable, local, err)
		}
		if strings.HasSuffix(given, ".gz") {
			// Unpacked once. What is in the cache already is MNIST's, whichever gzipped file it came from.
			if cache.Verify(path, f.Content) != nil && cache.Unpack(given, path, f.Content) != nil {
				return nil, errOther
			}
		} else if path = given; cache.Verify(path, f.Content) != nil {
			return nil, errOther
		}
	}
	if err := cache.Verify(path, f.Content); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAbsent
	} else if err != nil {
		return nil, err
	}
	data, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	// The hash is right, so the header is too.
	return array.From(data[4+4*len(f.Shape):], f.Shape...), nil
}

// loadOther reads a folder with other digits than MNIST's in MNIST's format.
func loadOther(local string) (*Digits, error) {
	var arrays [4]*array.Array
	for i, f := range Files {
		path, err := cache.Find(local, f.Name)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", Variable, local, err)
		}
		if arrays[i], err = decodeFile(path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	for i := 0; i < 4; i += 2 {
		if x, y := arrays[i].Shape(), arrays[i+1].Shape(); len(x) != 3 || len(y) != 1 || x[0] != y[0] || x[1] != side || x[2] != side {
			return nil, fmt.Errorf("%s=%s: images of shape %v and labels of shape %v; want (n, 28, 28) and (n,)", Variable, local, x, y)
		}
	}
	return &Digits{TrainImages: arrays[0], TrainLabels: arrays[1], TestImages: arrays[2], TestLabels: arrays[3], Source: local}, nil
}

func decodeFile(path string) (*array.Array, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var r io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(file); err != nil {
			return nil, err
		}
	}
	return Decode(r)
}

// LoadOrSynthetic loads MNIST, or synthetic digits where that is not to be had: Synthetic and Note of the result
// tell. It neither fails nor uses the network, so it can stand in a notebook's top-level var. The synthetic
// ones are drawn once and kept in the cache.
func LoadOrSynthetic() *Digits {
	d, err := Load()
	if err == nil {
		return d
	}
	s := &Digits{Source: "Synthetic digits", Synthetic: true, Note: "The lesson goes on with digits that this computer draws. " + sentence(err)}
	s.TrainImages, s.TrainLabels = keptSynthetic("train", 60000, 1)
	s.TestImages, s.TestLabels = keptSynthetic("test", 10000, 2)
	return s
}

// sentence makes an error one.
func sentence(err error) string {
	s := err.Error()
	if errors.Is(err, ErrAbsent) {
		return s + "."
	}
	return "MNIST could not be loaded: " + s + "."
}

// drawing is the version of what Synthetic draws. A new one makes the cache draw anew.
const drawing = 1

// keptSynthetic loads drawn digits from the cache, or draws them and keeps them there. A cache that cannot be
// written only means that they are drawn again.
func keptSynthetic(name string, n int, seed uint64) (images, labels *array.Array) {
	dir, err := Dir()
	if err != nil {
		return Synthetic(n, seed)
	}
	path := func(what string) string {
		return filepath.Join(dir, fmt.Sprintf("synthetic-%d-%s-%s", drawing, name, what))
	}
	load := func(what string, shape ...int) *array.Array {
		data, err := mapFile(path(what))
		if err != nil {
			return nil
		}
		dims, err := header(bytes.NewReader(data))
		from := 4 + 4*len(shape)
		if err != nil || fmt.Sprint(dims) != fmt.Sprint(shape) || len(data) != from+product(shape) {
			return nil
		}
		return array.From(data[from:], shape...)
	}
	images, labels = load("images", n, side, side), load("labels", n)
	if images != nil && labels != nil {
		return images, labels
	}
	images, labels = Synthetic(n, seed)
	for what, a := range map[string]*array.Array{"images": images, "labels": labels} {
		file := encode(a)
		_ = cache.Write(path(what), bytes.NewReader(file), cache.Content{Size: int64(len(file))})
	}
	return images, labels
}

func product(dims []int) int {
	p := 1
	for _, d := range dims {
		p *= d
	}
	return p
}
