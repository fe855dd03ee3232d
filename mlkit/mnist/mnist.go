// Package mnist has handwritten digits: the 70,000 of MNIST, or synthetic ones that it draws.
//
//	digits, err := mnist.Load()
//	if err != nil {
//		log.Fatal(err) // mlkit/mnist/download fetches them
//	}
//	fmt.Println(digits.TrainImages.Shape()) // [60000 28 28]
//	fmt.Println(digits.TrainLabels.At(0))   // 5
//
// The digits come in MNIST's own order. Nothing here uses the network, and loading costs next to nothing,
// since the files are mapped into memory: a lesson may load them anew in every cell.
package mnist

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/fetch/cache"
)

// Variable is the environment variable that names a folder with the four files, gzipped or not, to be used in
// place of a download.
const Variable = "GOPHERLENS_MNIST"

// A File is one of the four that MNIST is made of.
type File struct {
	Name    string        // of the unpacked file: train-images-idx3-ubyte
	Content cache.Content // of the unpacked file; the gzipped ones differ from mirror to mirror
	Shape   []int         // of the array in it
}

// Files are MNIST's: training images and labels, test images and labels. The hashes are those of the files that
// Yann LeCun, Corinna Cortes and Christopher Burges published.
var Files = [4]File{
	{"train-images-idx3-ubyte", cache.Content{Size: 47040016, SHA256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"}, []int{60000, side, side}},
	{"train-labels-idx1-ubyte", cache.Content{Size: 60008, SHA256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"}, []int{60000}},
	{"t10k-images-idx3-ubyte", cache.Content{Size: 7840016, SHA256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"}, []int{10000, side, side}},
	{"t10k-labels-idx1-ubyte", cache.Content{Size: 10008, SHA256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}, []int{10000}},
}

// Digits are pictures of digits and their answers, to train and to test with. The shapes are MNIST's, and those
// of the synthetic digits.
type Digits struct {
	TrainImages *array.Array // uint8 [60000, 28, 28], 0 is the ground and 255 the ink
	TrainLabels *array.Array // uint8 [60000], 0 to 9
	TestImages  *array.Array // uint8 [10000, 28, 28]
	TestLabels  *array.Array // uint8 [10000]

	Source    string // where they are from: "MNIST", "Synthetic digits", or the folder of another data set
	Synthetic bool   // whether they were drawn here
	Note      string // why they are synthetic, in a sentence; "" where they are not
}

// String says which digits these are and how many, and why, if they are synthetic.
func (d *Digits) String() string {
	s := fmt.Sprintf("%s: %s digits to train with and %s to test with.", d.Source, thousands(d.TrainLabels.Len()), thousands(d.TestLabels.Len()))
	if d.Note != "" {
		s += "\n" + d.Note
	}
	return s
}

// thousands writes 60000 as 60,000.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// all are the arrays in the order of Files.
func (d *Digits) all() [4]**array.Array {
	return [4]**array.Array{&d.TrainImages, &d.TrainLabels, &d.TestImages, &d.TestLabels}
}

// check sees whether images and labels belong together.
func (d *Digits) check() error {
	all := d.all()
	for i := 0; i < len(all); i += 2 {
		images, labels := *all[i], *all[i+1]
		x, y := images.Shape(), labels.Shape()
		if len(x) != 3 || len(y) != 1 || x[0] != y[0] || x[1] != side || x[2] != side {
			return fmt.Errorf("%s has the shape %v, and %s %v; want [n, 28, 28] and [n]", Files[i].Name, x, Files[i+1].Name, y)
		}
		if m := labels.Max(); m > 9 {
			return fmt.Errorf("%s has a label %v; the digits are 0 to 9", Files[i+1].Name, m)
		}
	}
	return nil
}

// LoadOrSynthetic loads what Load does, or synthetic digits, in MNIST's shapes, where that fails: Synthetic and
// Note of the result tell. It neither fails nor uses the network, so it can stand in a notebook's top-level var.
// The synthetic digits are drawn once, which takes about a second, and kept in the cache.
func LoadOrSynthetic() *Digits {
	d, err := Load()
	if err == nil {
		return d
	}
	d = synthetic()
	why := strings.TrimSuffix(err.Error(), ".") + "."
	if !errors.Is(err, ErrAbsent) {
		why = "The real ones cannot be loaded: " + why
	}
	d.Note = "These digits were drawn by this computer, not written by people. " + why
	return d
}
