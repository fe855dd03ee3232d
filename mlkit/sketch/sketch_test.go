package sketch_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"gopherlens/mlkit/sketch"
)

func Example() {
	s := sketch.New(200, 80, "An arrow leads from a box to a circle.")
	s.Rect("box", 20, 20, 60, 40)
	s.Text("middle", 50, 40, "input")
	s.Arrow("line", 80, 40, 140, 40)
	s.Circle("blue", 160, 40, 20)
	fmt.Println(s) // a notebook shows the picture; elsewhere there is its alt text
	fmt.Println(strings.Count(string(s.SVG()), "<circle"), "circle")
	// Output:
	// An arrow leads from a box to a circle.
	// 1 circle
}

// Points of a plane have coordinates of their own.
func ExampleSketch_Plane() {
	s := sketch.New(200, 200, "A line that rises.")
	p := sketch.Plane{
		X: sketch.Axis{From: 0, To: 10, Start: 40, End: 190, Label: "x"},
		Y: sketch.Axis{From: -1, To: 1, Start: 160, End: 20, Label: "y"},
	}
	s.Plane(p)
	s.Curve("bold blue", p, []float64{0, 10}, []float64{-1, 1})
	fmt.Println(p.X.At(5), p.Y.At(0), p.Y.Ticks())
	// Output: 115 90 [-1 -0.5 0 0.5 1]
}

func TestWordsAreNoMarkup(t *testing.T) {
	s := sketch.New(100, 100, `a < b & "c"`)
	s.Named(`"x`, func() { s.Text("", 0, 0, "<script>&") })
	decoder := xml.NewDecoder(strings.NewReader(string(s.SVG())))
	var tags []string
	var text string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			tags = append(tags, token.Name.Local)
		case xml.CharData:
			text += string(token)
		}
	}
	if want := []string{"svg", "style", "rect", "g", "text"}; !slices.Equal(tags, want) || !strings.Contains(text, "<script>&") {
		t.Errorf("it has %v and says %q", tags, text)
	}
}
