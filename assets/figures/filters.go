package main

import (
	"fmt"
	"strings"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/explore"
	"gopherlens/mlkit/sketch"
)

// table draws numbers in squares, a row after another.
func table(s *sketch.Sketch, x, y, cell float64, columns int, words ...string) {
	for i, word := range words {
		left, top := x+cell*float64(i%columns), y+cell*float64(i/columns)
		s.Rect("thin grey", left, top, cell, cell)
		s.Text("small middle", left+cell/2, top+cell/2, word)
	}
}

// number writes a number with a real minus sign.
func number(v float64) string { return strings.Replace(fmt.Sprint(v), "-", "−", 1) }

func numbers(values ...float64) (words []string) {
	for _, v := range values {
		words = append(words, number(v))
	}
	return words
}

// layers is a colour picture's three tables of numbers, and a grey picture's one.
func layers() *sketch.Sketch {
	s := sketch.New(640, 250, "A colour picture is three tables of numbers, one upon the other: red, green and blue. "+
		"One of its pixels has red 214, green 138, blue 61. A grey picture is one table.")
	s.Text("strong", 24, 24, "A colour picture: three layers")
	for i, l := range []struct{ name, class, value string }{{"blue", "blue", "61"}, {"green", "green", "138"}, {"red", "orange", "214"}} {
		x, y := 112-40*float64(i), 56+26*float64(i)
		s.Rect("white", x, y, 120, 120)
		var words []string
		for k := range 16 {
			words = append(words, fmt.Sprint((31+47*k+90*i+13*k*k)%256))
		}
		words[7] = l.value
		table(s, x, y, 30, 4, words...)
		s.Rect("bold "+l.class, x, y, 120, 120)
		s.Text("strong small "+l.class, x+2, y-9, l.name)
		s.Rect("bold ink", x+90, y+30, 30, 30)
	}
	s.Path("line ink", "M152 153L300 145M192 127L300 135M232 101L300 125")
	s.Text("", 308, 118, "one pixel:")
	s.Text("", 308, 138, "214, 138, 61")
	s.Styled("fill:rgb(214,138,61)", func() { s.Rect("ringed", 308, 154, 76, 34) })
	s.Line("thin pale", 424, 16, 424, 234)
	s.Text("strong", 448, 24, "A grey picture: one layer")
	var words []string
	for y := range 4 {
		for x := range 4 {
			v := []int{0, 80, 160, 255}[(x*x+2*y)%4]
			words = append(words, fmt.Sprint(v))
			s.Styled(fmt.Sprintf("fill:rgb(%d,%d,%d)", v, v, v), func() { s.Rect("", 448+36*float64(x), 56+36*float64(y), 36, 36) })
		}
	}
	for i, word := range words {
		class := "small strong middle"
		if len(word) < 3 { // a light number on a dark square
			class += " white"
		}
		s.Text(class, 466+36*float64(i%4), 74+36*float64(i/4), word)
	}
	s.Rect("line ink", 448, 56, 144, 144)
	s.Text("small grey", 448, 218, "0 is black, 255 is white")
	return s
}

// scanned is the picture that the filter in the figure scan goes over: a stroke from the upper right to the lower left.
var scanned = []float64{
	0, 0, 9, 9, 0,
	0, 0, 9, 9, 0,
	0, 9, 9, 0, 0,
	0, 9, 9, 0, 0,
	9, 9, 0, 0, 0,
}

// scan is three steps of a filter over a picture, with their sums.
func scan() *sketch.Sketch {
	filter := []float64{-1, 0, 1, -1, 0, 1, -1, 0, 1}
	sums := explore.Convolution{
		Pictures: []*array.Array{array.From(scanned, 5, 5).Uint8()}, Filter: array.From(filter, 3, 3),
	}.Map()
	s := sketch.New(680, 480, fmt.Sprintf("A filter of 3 by 3 numbers scans a picture of 5 by 5. In the first step it lies in the upper left corner, and the sum of the nine products is %s; "+
		"one pixel further right it is %s; in the ninth and last step, in the lower right corner, it is %s. The nine sums are the map.",
		number(sums.At(0, 0)), number(sums.At(0, 1)), number(sums.At(2, 2))))
	for _, c := range []struct {
		x    float64
		word string
	}{{90, "picture"}, {222, "filter"}, {410, "sum of the products"}, {608, "map"}} {
		s.Text("strong middle", c.x, 22, c.word)
	}
	for i, step := range []int{0, 1, 8} {
		row, column := step/3, step%3
		y := 44 + 146*float64(i)
		s.Text("small grey", 24, y+124, []string{"step 1", "step 2: one pixel further", "step 9: the last"}[i])
		s.Styled("fill:#fde3c8", func() { s.Rect("", 34+22*float64(column), y+22*float64(row), 66, 66) })
		table(s, 34, y, 22, 5, numbers(scanned...)...)
		s.Rect("bold orange", 34+22*float64(column), y+22*float64(row), 66, 66)
		s.Text("large middle", 166, y+55, "×")
		table(s, 186, y+19, 24, 3, numbers(filter...)...)
		s.Text("large middle", 280, y+55, "=")
		for r := range 3 {
			var terms []string
			for c := range 3 {
				terms = append(terms, fmt.Sprintf("%s·%s", number(scanned[(row+r)*5+column+c]), strings.Replace(number(filter[3*r+c]), "−1", "(−1)", 1)))
			}
			s.Text("small", 300, y+33+22*float64(r), strings.Join(terms, " + ")+[]string{" +", " +", ""}[r])
		}
		s.Text("strong orange", 452, y+55, "= "+number(sums.At(row, column)))
		s.Arrow("line ink", 510, y+55, 548, y+55)
		var words []string
		for k := range 9 {
			word := ""
			if k <= step {
				word = number(sums.At(k/3, k%3))
			}
			words = append(words, word)
		}
		table(s, 560, y+7, 32, 3, words...)
		s.Rect("bold orange", 560+32*float64(column), y+7+32*float64(row), 32, 32)
	}
	return s
}

// steps is what padding and stride do to the size of a map.
func steps() *sketch.Sketch {
	s := sketch.New(680, 260, "A filter of 3 by 3 over a picture of 5 by 5. Without padding and with stride 1 the map is 3 by 3. "+
		"With a rim of zeros around the picture it is 5 by 5. With stride 2, moving by two pixels at a time, it is 2 by 2.")
	for i, p := range []struct {
		name                  string
		padding, stride, map_ int
	}{{"no padding, stride 1", 0, 1, 3}, {"padding, stride 1", 1, 1, 5}, {"no padding, stride 2", 0, 2, 2}} {
		const cell = 17
		x, y := 24+222*float64(i), 44.0
		s.Text("strong", x, 22, p.name)
		var words []string
		for k := range 49 {
			if r, c := k/7, k%7; r == 0 || r == 6 || c == 0 || c == 6 {
				words = append(words, "0")
			} else {
				words = append(words, "")
			}
		}
		if p.padding == 1 {
			table(s, x, y, cell, 7, words...)
		}
		table(s, x+cell, y+cell, cell, 5, make([]string, 25)...)
		s.Styled("fill:#dbe9f4", func() {
			for k := range 25 {
				s.Rect("box", x+cell*float64(1+k%5), y+cell*float64(1+k/5), cell, cell)
			}
		})
		start := cell * float64(1-p.padding)
		s.Rect("line dashed ink", x+start+cell*float64(p.stride), y+start, 3*cell, 3*cell)
		s.Rect("bold orange", x+start, y+start, 3*cell, 3*cell)
		s.Arrow("line ink", x+126, y+3.5*cell, x+144, y+3.5*cell)
		side := cell * float64(p.map_)
		table(s, x+150, y+3.5*cell-side/2, cell*min(1, 3.2/float64(p.map_)), p.map_, make([]string, p.map_*p.map_)...)
		s.Text("small", x, 186, fmt.Sprintf("5 × 5 → %d × %d", p.map_, p.map_))
	}
	s.Text("small grey", 24, 220, "The bold square is where the filter begins, the dashed one is its next place.")
	s.Text("small grey", 24, 238, "Size of the map = (picture + 2 · padding − filter) / stride + 1, rounded down.")
	return s
}

// pooling is max and average pooling of the same numbers.
func pooling() *sketch.Sketch {
	values := []float64{1, 3, 2, 0, 8, 4, 2, 4, 0, 0, 6, 6, 0, 4, 5, 7}
	largest, mean := make([]float64, 4), make([]float64, 4)
	for i, v := range values {
		window := i/8*2 + i%4/2
		largest[window] = max(largest[window], v)
		mean[window] += v / 4
	}
	s := sketch.New(640, 230, fmt.Sprintf("A map of 4 by 4 numbers, cut into windows of 2 by 2. Max pooling keeps the largest of each: %v. Average pooling takes their mean: %v.", largest, mean))
	s.Text("strong", 24, 24, "a map, 4 × 4")
	tint := func(x, y, cell float64, side int) {
		for w := range 4 {
			s.Styled("fill:"+[]string{"#fde3c8", "#fff", "#fff", "#dbe9f4"}[w], func() {
				s.Rect("", x+cell*float64(w%2*side), y+cell*float64(w/2*side), cell*float64(side), cell*float64(side))
			})
		}
	}
	tint(24, 46, 40, 2)
	table(s, 24, 46, 40, 4, numbers(values...)...)
	for w := range 4 {
		s.Rect("bold ink", 24+80*float64(w%2), 46+80*float64(w/2), 80, 80)
	}
	for i, p := range []struct {
		name, rule string
		values     []float64
	}{{"max pooling", "the largest of each window", largest}, {"average pooling", "the mean of each window", mean}} {
		x := 290 + 190*float64(i)
		s.Text("strong", x, 64, p.name)
		tint(x, 82, 40, 1)
		table(s, x, 82, 40, 2, numbers(p.values...)...)
		s.Rect("bold ink", x, 82, 80, 80)
		s.Text("small grey", x, 182, p.rule)
	}
	s.Arrow("line ink", 206, 126, 262, 126)
	return s
}

// flatten is two small maps, written as one list.
func flatten() *sketch.Sketch {
	s := sketch.New(640, 190, "Two maps of 2 by 2 numbers, and the list of eight that flattening makes of them: pixel by pixel, and of each pixel one map after the other.")
	a, b := []string{"3", "0", "7", "1"}, []string{"2", "9", "0", "4"}
	s.Text("strong", 24, 24, "two maps, 2 × 2 × 2")
	table(s, 24, 46, 44, 2, a...)
	s.Rect("bold blue", 24, 46, 88, 88)
	table(s, 136, 46, 44, 2, b...)
	s.Rect("bold dashed orange", 136, 46, 88, 88)
	s.Arrow("line ink", 240, 90, 280, 90)
	s.Text("strong", 292, 24, "a list of 8")
	for i := range 4 {
		x := 292 + 80*float64(i)
		table(s, x, 70, 40, 2, a[i], b[i])
		s.Rect("bold blue", x+1.5, 71.5, 37, 37)
		s.Rect("bold dashed orange", x+41.5, 71.5, 37, 37)
		s.Text("small grey middle", x+40, 124, []string{"upper left", "upper right", "lower left", "lower right"}[i])
	}
	s.Text("small grey", 24, 166, "No number changes. Only the arrangement does.")
	return s
}
