package plot_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"flag"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/plot"
)

var update = flag.Bool("update", false, "write the pictures that the examples draw to testdata")

// pictures is where the examples save what they draw.
var pictures string

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if pictures, err = os.MkdirTemp("", "plot"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(pictures)
	os.Exit(code)
}

// digits are pictures of 9×9 pixels, drawn here so that the tests need no data.
func digits(which ...int) (images, labels *array.Array) {
	shapes := strings.Fields(`
		.###.#...##..###.#.###..##...#.###.
		..#...##....#....#....#....#...###.
		.###.#...#....#...#...#...#...#####
		.###.#...#....#..##.....##...#.###.
		...#...##..#.#.#..#.#####...#....#.
		######....####.....#....##...#.###.
		..##..#...#....####.#...##...#.###.
		#####....#...#...#...#....#....#...
		.###.#...##...#.###.#...##...#.###.
		.###.#...##...#.####....#...#..##..`)
	pixels := make([]uint8, 81*len(which))
	for n, digit := range which {
		for i, c := range shapes[digit] {
			if c == '#' {
				pixels[81*n+9*(i/5+1)+i%5+2] = uint8(255 - 8*i/5)
			}
		}
	}
	return array.From(pixels, len(which), 9, 9), array.From(which)
}

// TestPictures holds what the examples draw against the pictures in testdata, which somebody has
// looked at. Run it with -update to replace them, and look at them again.
func TestPictures(t *testing.T) {
	for name, example := range map[string]func(){
		"package":         Example,
		"images":          ExampleImages,
		"one":             ExampleImages_one,
		"curves":          ExampleCurves,
		"compare":         ExampleCompare,
		"training":        ExampleTraining,
		"precision":       ExamplePrecisionRecall,
		"precision-many":  ExamplePrecisionRecall_many,
		"confusion":       ExampleConfusion,
		"confusion-names": ExampleConfusion_names,
		"mistakes":        ExampleMistakes,
		"filters":         ExampleFilters,
		"maps":            ExampleFeatureMaps,
		"probabilities":   ExampleProbabilities,
	} {
		t.Run(name, func(t *testing.T) {
			example()
			got, err := os.ReadFile(filepath.Join(pictures, name+".svg"))
			if err != nil {
				t.Fatal(err)
			}
			wellFormed(t, got)
			golden := filepath.Join("testdata", name+".svg")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if difference := compare(t, got, want); difference != "" {
				t.Errorf("%s: %s", golden, difference)
			}
		})
	}
}

func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, svg)
		}
	}
}

var (
	embedded = regexp.MustCompile(`data:image/png;base64,([^"]+)`)
	number   = regexp.MustCompile(`-?\d+\.?\d*(e[-+]\d+)?`)
)

// compare says how two SVGs differ, other than by the rounding of coordinates and by how their
// pictures are compressed, which may change from machine to machine and from one Go to the next.
func compare(t *testing.T, got, want []byte) string {
	gotPixels, wantPixels := pixels(t, got), pixels(t, want)
	if !reflect.DeepEqual(gotPixels, wantPixels) {
		return "other pixels in its pictures"
	}
	g, w := embedded.ReplaceAllString(string(got), ""), embedded.ReplaceAllString(string(want), "")
	if a, b := number.ReplaceAllString(g, "0"), number.ReplaceAllString(w, "0"); a != b {
		return fmt.Sprintf("other elements or words\ngot  %s\nwant %s", g, w)
	}
	gotNumbers, wantNumbers := number.FindAllString(g, -1), number.FindAllString(w, -1)
	for i := range gotNumbers {
		a, _ := strconv.ParseFloat(gotNumbers[i], 64)
		b, _ := strconv.ParseFloat(wantNumbers[i], 64)
		if math.Abs(a-b) > 0.01 {
			return fmt.Sprintf("number %d is %v, want %v\ngot  %s\nwant %s", i, a, b, g, w)
		}
	}
	return ""
}

// pixels are those of the pictures in an SVG, each as red, green, blue and alpha.
func pixels(t *testing.T, svg []byte) (all [][]uint32) {
	t.Helper()
	for _, match := range embedded.FindAllSubmatch(svg, -1) {
		raw, err := base64.StdEncoding.DecodeString(string(match[1]))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		var one []uint32
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				r, g, b, a := img.At(x, y).RGBA()
				one = append(one, r>>8, g>>8, b>>8, a>>8)
			}
		}
		all = append(all, one)
	}
	return all
}

// TestPixels tells that a picture has the pixels of the array.
func TestPixels(t *testing.T) {
	tests := []struct {
		name   string
		images *array.Array
		want   []uint32 // red, green, blue, alpha of each pixel
	}{
		{"uint8 as it is", array.From([]uint8{10, 20}, 1, 1, 2), []uint32{10, 10, 10, 255, 20, 20, 20, 255}},
		{"a depth of one", array.From([]uint8{10, 20}, 1, 1, 2, 1), []uint32{10, 10, 10, 255, 20, 20, 20, 255}},
		{"others from their smallest to their largest", array.From([]float32{-1, 1, 0}, 1, 3, 1), []uint32{0, 0, 0, 255, 255, 255, 255, 255, 128, 128, 128, 255}},
		{"colours", array.From([]uint8{1, 2, 3, 4, 5, 6}, 1, 1, 2, 3), []uint32{1, 2, 3, 255, 4, 5, 6, 255}},
		{"all the same", array.From([]float64{7, 7}, 1, 1, 2), []uint32{0, 0, 0, 255, 0, 0, 0, 255}},
		{"not a number", array.From([]float64{0, math.NaN(), 1}, 1, 1, 3).Slice(0, 1), nil},
	}
	for _, test := range tests {
		got := pixels(t, plot.Images(test.images, plot.ImagesOptions{}).SVG())
		if len(got) != 1 {
			t.Errorf("%s: %d pictures, want 1", test.name, len(got))
		} else if test.want != nil && !reflect.DeepEqual(got[0], test.want) {
			t.Errorf("%s: pixels %v, want %v", test.name, got[0], test.want)
		}
	}
}
