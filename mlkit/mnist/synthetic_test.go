package mnist

import (
	"bytes"
	"errors"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

func TestSyntheticIsReproducible(t *testing.T) {
	images, labels := Synthetic(1000, 5)
	before := runtime.GOMAXPROCS(1)
	again, againLabels := Synthetic(1500, 5)
	runtime.GOMAXPROCS(before)
	if !again.Slice(0, 1000).Equal(images) || !againLabels.Slice(0, 1000).Equal(labels) {
		t.Error("the same seed gives other digits on one core")
	}
	_, other := Synthetic(1000, 6)
	same := 0
	for i := range 1000 {
		if other.At(i) == labels.At(i) {
			same++
		}
	}
	if same > 160 {
		t.Errorf("%d of 1000 labels are the same for another seed", same)
	}
	if none, labels := Synthetic(0, 1); none.Len() != 0 || labels.Len() != 0 {
		t.Errorf("%v, %v", none, labels)
	}
	defer func() {
		var mistake *fault.Error
		if err, _ := recover().(error); !errors.As(err, &mistake) {
			t.Errorf("−1 digits: %v", err)
		}
	}()
	Synthetic(-1, 1)
}

// The digits have to be made as MNIST's are.
func TestSyntheticLooksLikeMNIST(t *testing.T) {
	const n = 5000
	images, labels := Synthetic(n, 3)
	var counts [10]int
	pixels := array.Values[uint8](images)
	for i := range n {
		counts[int(labels.At(i))]++
		low, high := [2]int{side, side}, [2]int{}
		var mass, mx, my float64
		most := uint8(0)
		for k, v := range pixels[i*side*side : (i+1)*side*side] {
			x, y := k%side, k/side
			if v > 60 {
				low, high = [2]int{min(low[0], x), min(low[1], y)}, [2]int{max(high[0], x), max(high[1], y)}
			}
			mass += float64(v)
			mx += float64(v) * (float64(x) + .5)
			my += float64(v) * (float64(y) + .5)
			most = max(most, v)
		}
		if w, h := high[0]-low[0]+1, high[1]-low[1]+1; max(w, h) < 18 || max(w, h) > 21 {
			t.Errorf("digit %d is %d × %d pixels large", i, w, h)
		}
		if math.Abs(mx/mass-side/2) > 1 || math.Abs(my/mass-side/2) > 1 {
			t.Errorf("the centre of digit %d is at %.1f, %.1f", i, mx/mass, my/mass)
		}
		if most < 200 {
			t.Errorf("digit %d is %d at its brightest", i, most)
		}
	}
	for digit, count := range counts {
		if count < n/10*8/10 || count > n/10*12/10 {
			t.Errorf("%d of %d are a %d", count, n, digit)
		}
	}
	// MNIST: 33.3, 19.1 % and 7.2 %.
	ink, bright := 0, 0
	for _, v := range pixels {
		if v > 0 {
			ink++
		}
		if v > 250 {
			bright++
		}
	}
	mean, inked, full := images.Mean(), float64(ink)/float64(len(pixels)), float64(bright)/float64(len(pixels))
	if mean < 31 || mean > 36 || inked < .18 || inked > .205 || full < .06 || full > .085 {
		t.Errorf("mean %.1f, %.1f %% with ink, %.1f %% full of it", mean, 100*inked, 100*full)
	}
}

func TestGolden(t *testing.T) {
	images, labels := Synthetic(500, 1)
	sheet := image.NewGray(image.Rect(0, 0, 12*side, 10*side))
	var shown [10]int
	for i := range labels.Len() {
		digit := int(labels.At(i))
		if shown[digit] == 12 {
			continue
		}
		for k, v := range array.Values[uint8](images.Index(i)) {
			sheet.SetGray(shown[digit]*side+k%side, digit*side+k/side, color.Gray{v})
		}
		shown[digit]++
	}
	golden := filepath.Join("testdata", "synthetic.png")
	if *update {
		var out bytes.Buffer
		if err := png.Encode(&out, sheet); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.Open(golden)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	want, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if gray, ok := want.(*image.Gray); !ok || !bytes.Equal(gray.Pix, sheet.Pix) {
		t.Error("the digits have changed. If that is meant, count drawing up, lest digits of the old kind are taken from the cache, and run this test with -update")
	}
}

func BenchmarkSynthetic(b *testing.B) {
	const n = 1000
	for b.Loop() {
		Synthetic(n, 1)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/digit")
}

func TestStrokes(t *testing.T) {
	for digit := range 10 {
		low, high := 1.0, 0.0
		for _, stroke := range Strokes(digit) {
			for _, p := range stroke {
				low, high = min(low, p[1]), max(high, p[1])
			}
		}
		if low < -.02 || low > .1 || high < .9 || high > 1.02 {
			t.Errorf("a %d goes from %.2f to %.2f", digit, low, high)
		}
	}
}
