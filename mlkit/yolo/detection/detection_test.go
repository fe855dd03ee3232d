package detection

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// sharedData is the path of a file beside the repository. The test is skipped where it is absent.
func sharedData(t *testing.T, path string) string {
	t.Helper()
	path = filepath.Join("../../../../shared/data", path)
	if _, err := os.Stat(path); err != nil {
		t.Skip("no such data here:", path)
	}
	return path
}

func TestBox(t *testing.T) {
	inf := math.Inf(1)
	tests := []struct {
		a, b Box
		want float64
	}{
		{Box{0, 0, 10, 10}, Box{0, 0, 10, 10}, 1},
		{Box{0, 0, 10, 10}, Box{5, 0, 15, 10}, 50. / 150},
		{Box{0, 0, 10, 10}, Box{2, 2, 4, 4}, 4. / 100},
		{Box{0, 0, 10, 10}, Box{10, 0, 20, 10}, 0}, // touch
		{Box{0, 0, 10, 10}, Box{20, 20, 30, 30}, 0},
		{Box{3, 3, 3, 3}, Box{3, 3, 3, 3}, 0},     // a point
		{Box{10, 10, 0, 0}, Box{10, 10, 0, 0}, 0}, // the wrong way round
		{Box{-inf, -inf, inf, inf}, Box{-inf, -inf, inf, inf}, 0},
		{Box{math.NaN(), 0, 1, 1}, Box{0, 0, 1, 1}, 0},
	}
	for _, test := range tests {
		if ab, ba := test.a.IoU(test.b), test.b.IoU(test.a); math.Abs(ab-test.want) > 1e-12 || ab != ba {
			t.Errorf("%v and %v: IoU %v and %v, want %v", test.a, test.b, ab, ba, test.want)
		}
	}
	if got, want := (Box{-5, 3, 20, 40}).Clip(10, 30), (Box{0, 3, 10, 30}); got != want {
		t.Errorf("clipped to %v, want %v", got, want)
	}
}

func TestJSON(t *testing.T) {
	list := []Detection{
		{16, "dog", 0.65, Box{122.884, 220.64, 365.17, 515.31}},
		{2, `a "car" <é>`, 0.123456, Box{-0.001, -3.5, 1e15, 0}},
	}
	var got bytes.Buffer
	if err := WriteJSON(&got, list); err != nil {
		t.Fatal(err)
	}
	want := `[{"class": 16, "name": "dog", "score": 0.65, "box": [122.88, 220.64, 365.17, 515.31]},
 {"class": 2, "name": "a \"car\" \u003cé\u003e", "score": 0.12346, "box": [0, -3.5, 1000000000000000, 0]}]
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", &got, want)
	}
	rounded := []Detection{
		{16, "dog", 0.65, Box{122.88, 220.64, 365.17, 515.31}},
		{2, `a "car" <é>`, 0.12346, Box{0, -3.5, 1e15, 0}},
	}
	marshalled, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{want, string(marshalled)} {
		if back, err := ReadJSON(strings.NewReader(data)); err != nil || !reflect.DeepEqual(back, rounded) {
			t.Errorf("%s is read as %v, %v", data, back, err)
		}
	}
	got.Reset()
	if err := WriteJSON(&got, nil); err != nil || got.String() != "[]\n" {
		t.Errorf("no detections: %q, %v", got.String(), err)
	}
	for _, d := range []Detection{
		{Score: math.NaN()}, {Score: -1}, {Score: 1.5}, {Class: -1},
		{Box: Box{0, 0, math.Inf(1), 1}}, {Box: Box{math.NaN(), 0, 1, 1}}, {Box: Box{5, 0, 1, 1}},
	} {
		got.Reset()
		if err := WriteJSON(&got, []Detection{{}, d}); err == nil || got.Len() > 0 {
			t.Errorf("%v is written as %q", d, got.String())
		}
	}
}

func TestReadJSONErrors(t *testing.T) {
	for data, want := range map[string]string{
		``:                                       "unexpected end",
		`[`:                                      "unexpected end",
		`{"class": 1}`:                           "cannot unmarshal object",
		`[{}]`:                                   `no "class"`,
		`[null]`:                                 `no "class"`,
		`[{"class": 1.5}]`:                       "cannot unmarshal",
		`[{"class": 1}]`:                         `"box" of 0 numbers`,
		`[{"class": 1, "box": 7}]`:               "cannot unmarshal",
		`[{"class": 1, "box": [1, 2, 3]}]`:       `"box" of 3 numbers`,
		`[{"class": 1, "box": [1, 2, 3, 4, 5]}]`: `"box" of 5 numbers`,
		`[{"class": 1, "box": [1, 2, 3, 1e999]}]`:         "cannot unmarshal",
		`[{"class": 1, "box": [1, 2, 0, 4]}]`:             "wrong way round",
		`[{"class": -1, "box": [1, 2, 3, 4]}]`:            "class is -1",
		`[{"class": 1, "score": 2, "box": [1, 2, 3, 4]}]`: "score is 2",
		`[] []`: "invalid character",
	} {
		list, err := ReadJSON(strings.NewReader(data))
		var format *FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want an error with %q", data, list, err, want)
		}
	}
}

func TestText(t *testing.T) {
	list := []Detection{
		{16, "dog", 0.65, Box{10, 20, 30, 60}},
		{1, "bicycle", 0.5, Box{-10, -10, 10, 10}},   // clipped to 0, 0, 10, 10
		{2, "car", 0.9, Box{300, 300, 400, 400}},     // outside
		{0, "person", 0.25, Box{190, 99, 250, 1000}}, // clipped to 190, 99, 200, 100
	}
	var got bytes.Buffer
	if err := WriteText(&got, list, 200, 100, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	want := "16 0.100000 0.400000 0.100000 0.400000\n1 0.025000 0.050000 0.050000 0.100000\n0 0.975000 0.995000 0.050000 0.010000\n"
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", &got, want)
	}
	back, err := ReadText(&got, 200, 100, nil)
	same := slices.EqualFunc(back, []Detection{
		{16, "16", 1, list[0].Box}, {1, "1", 1, Box{0, 0, 10, 10}}, {0, "0", 1, Box{190, 99, 200, 100}},
	}, near)
	if err != nil || !same {
		t.Errorf("read as %v, %v", back, err)
	}

	got.Reset()
	if err := WriteText(&got, list[:1], 200, 100, TextOptions{Scores: true}); err != nil {
		t.Fatal(err)
	}
	if want := "16 0.100000 0.400000 0.100000 0.400000 0.650000\n"; got.String() != want {
		t.Errorf("with a score: %q, want %q", got.String(), want)
	}
	text := "\ufeff\r\n  16 0.1 .4 1e-1 0.4 0.65\r\n\n"
	if back, err := ReadText(strings.NewReader(text), 200, 100, COCO()); err != nil || len(back) != 1 || !near(back[0], list[0]) {
		t.Errorf("%q is read as %v, %v", text, back, err)
	}
	// What is rounded to beyond the edge is on it.
	if back, err := ReadText(strings.NewReader("0 0.5 0.5 1.0001 1"), 200, 100, nil); err != nil || back[0].Box != (Box{0, 0, 200, 100}) {
		t.Errorf("a little beyond the edge: %v, %v", back, err)
	}
	if err := WriteText(&got, []Detection{{Score: math.NaN()}}, 200, 100, TextOptions{}); err == nil {
		t.Error("a score that is no number is written")
	}
	var option *OptionError
	if err := WriteText(&got, nil, 0, 100, TextOptions{}); !errors.As(err, &option) {
		t.Errorf("a photo of no width: %v", err)
	}
	if _, err := ReadText(&got, 100, -1, nil); !errors.As(err, &option) {
		t.Errorf("a photo of no height: %v", err)
	}
}

func near(a, b Detection) bool {
	return a.Class == b.Class && a.Name == b.Name && math.Abs(a.Score-b.Score) < 1e-6 &&
		math.Abs(a.Box.X1-b.Box.X1) < 1e-3 && math.Abs(a.Box.Y1-b.Box.Y1) < 1e-3 &&
		math.Abs(a.Box.X2-b.Box.X2) < 1e-3 && math.Abs(a.Box.Y2-b.Box.Y2) < 1e-3
}

func TestReadTextErrors(t *testing.T) {
	for text, want := range map[string]string{
		"0 .5 .5 .1": "line 1 of the YOLO text: it has 4 numbers",
		"0 .5 .5 .1 .1\n0 .1 .2 .3 .4 .5 .6 .7 .8":     "line 2 of the YOLO text: it has 9 numbers",
		"dog .5 .5 .1 .1":                              `class is "dog"`,
		"-1 .5 .5 .1 .1":                               `class is "-1"`,
		"1.0 .5 .5 .1 .1":                              `class is "1.0"`,
		"99999999999999999999 .5 .5 .1 .1":             "class is",
		"3 .5 .5 .1 .1":                                "there are 3 names",
		"0 120 .5 .1 .1":                               `its cx is "120"`,
		"0 .5 NaN .1 .1":                               `its cy is "NaN"`,
		"0 .5 .5 Inf .1":                               `its w is "Inf"`,
		"0 .5 .5 .1 -.1":                               `its h is "-.1"`,
		"0 .5 .5 .1 .1 2":                              `its score is "2"`,
		"0 .5 .5 .1 .1" + strings.Repeat(" ", maxLine): "longer than",
	} {
		list, err := ReadText(strings.NewReader(text), 200, 100, []string{"a", "b", "c"})
		var format *FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, %v; want an error with %q", text, list, err, want)
		}
	}
}

func TestNames(t *testing.T) {
	names, err := ReadNames(strings.NewReader("\ufeffred ball\r\n Ä \nblue\n\n\n"))
	if want := []string{"red ball", "Ä", "blue"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("names %q, %v; want %q", names, err, want)
	}
	for text, want := range map[string]string{
		"":                             "empty",
		"\n\n":                         "empty",
		"a\n\n\nb\n":                   "line 4 of the class names: line 2 is blank",
		"\n<!DOCTYPE html>\n<html>\n":  "blank",
		"<!DOCTYPE html>\n<html>\n":    "web page",
		"a\n\xff\n":                    "UTF-8",
		"PK\x03\x04":                   "UTF-8",
		strings.Repeat("a", maxLine+1): "longer",
		strings.Repeat("a\n", maxClasses) + "b\n": "more than",
	} {
		names, err := ReadNames(strings.NewReader(text))
		var format *FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %d names, %v; want an error with %q", text, len(names), err, want)
		}
	}
}

// TestCOCO holds the names against Darknet's file.
func TestCOCO(t *testing.T) {
	COCO()[0] = "changed"
	f, err := os.Open(sharedData(t, "darknet/coco.names"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if names, err := ReadNames(f); err != nil || !slices.Equal(names, COCO()) {
		t.Errorf("the file has %q, %v", names, err)
	}
}

// A reader's own error is passed on, and is not about the format.
func TestReaderError(t *testing.T) {
	broken := func() *brokenReader { return new(brokenReader) }
	_, text := ReadText(broken(), 1, 1, nil)
	_, list := ReadJSON(broken())
	_, names := ReadNames(broken())
	for _, err := range []error{text, list, names} {
		if !errors.Is(err, os.ErrPermission) {
			t.Errorf("the reader's error comes out as %v", err)
		}
	}
}

type brokenReader struct{}

func (*brokenReader) Read([]byte) (int, error) { return 0, os.ErrPermission }

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`[{"class": 16, "name": "dog", "score": 0.65, "box": [122.88, 220.64, 365.17, 515.31]}]`))
	f.Add([]byte(`[{"class": 1, "box": [-1e300, 0, 1e300, 0.005]}, null]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := ReadJSON(bytes.NewReader(data))
		if err != nil {
			var format *FormatError
			if !errors.As(err, &format) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		// What was read can be written, and from then on stays the same.
		var first, second bytes.Buffer
		if err := WriteJSON(&first, list); err != nil {
			t.Fatal(err)
		}
		again, err := ReadJSON(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := WriteJSON(&second, again); err != nil || second.String() != first.String() {
			t.Fatalf("%v\n%s\n%s", err, &first, &second)
		}
	})
}

func FuzzReadText(f *testing.F) {
	f.Add([]byte("16 0.1 0.4 0.1 0.4\n0 0.5 0.5 1 1 0.25\r\n"), 200, 100)
	f.Add([]byte("\ufeff1 1 1 1 1\n\n2 0 0 0 0"), 1, 8000)
	f.Fuzz(func(t *testing.T, data []byte, width, height int) {
		list, err := ReadText(bytes.NewReader(data), width, height, nil)
		if err != nil {
			var format *FormatError
			var option *OptionError
			if !errors.As(err, &format) && !errors.As(err, &option) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		var out bytes.Buffer
		if err := WriteText(&out, list, width, height, TextOptions{Scores: true}); err != nil {
			t.Fatal(err)
		}
		again, err := ReadText(&out, width, height, nil)
		if err != nil || len(again) > len(list) {
			t.Fatalf("%v: %v of %v", err, again, list)
		}
	})
}

func FuzzReadNames(f *testing.F) {
	f.Add([]byte("person\nbicycle\n\n"))
	f.Add([]byte("\ufeff<html>\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		names, err := ReadNames(bytes.NewReader(data))
		var format *FormatError
		if err != nil && !errors.As(err, &format) {
			t.Fatalf("%T: %v", err, err)
		}
		if err == nil {
			again, err := ReadNames(strings.NewReader(strings.Join(names, "\n")))
			if err != nil || !slices.Equal(names, again) {
				t.Fatalf("%q is read again as %q, %v", names, again, err)
			}
		}
	})
}
