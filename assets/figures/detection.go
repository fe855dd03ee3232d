package main

import (
	"fmt"

	"gopherlens/assets"
	"gopherlens/mlkit/sketch"
	"gopherlens/mlkit/yolo/darknet"
)

// The sample picture street.svg, of 960 × 640 pixels, and what is to be seen in it.
const streetWidth, streetHeight = 960, 640

type thing struct {
	name, colour   string
	x1, y1, x2, y2 float64
}

// street are the things in the picture, in colours that differ in lightness too.
var street = []thing{
	{"bus", "#0072b2", 57, 194, 606, 520},
	{"car", "#d55e00", 561, 386, 930, 540},
	{"stop sign", "#00795c", 801, 91, 919, 209},
}

// streetPicture draws the picture at a place, so many pixels wide.
func streetPicture(s *sketch.Sketch, x, y, width float64) {
	source, err := assets.Samples.ReadFile("samples/street.svg")
	if err != nil {
		panic(err) // it is embedded
	}
	s.Image(x, y, width, width*streetHeight/streetWidth, "image/svg+xml", source)
}

// label writes words on a white ground whose upper left corner is at a point.
func label(s *sketch.Sketch, x, y float64, words string) {
	s.Rect("white", x, y, 7.4*float64(len(words))+10, 19)
	s.Text("strong", x+5, y+9.5, words)
}

// outline draws a thing's box, where the picture lies at a place on a scale.
func outline(s *sketch.Sketch, t thing, x, y, scale float64) {
	s.Styled("color:#fff", func() {
		s.Rect("bold", x+scale*t.x1-2, y+scale*t.y1-2, scale*(t.x2-t.x1)+4, scale*(t.y2-t.y1)+4)
	})
	s.Styled("color:"+t.colour, func() {
		s.Rect("bold", x+scale*t.x1, y+scale*t.y1, scale*(t.x2-t.x1), scale*(t.y2-t.y1))
	})
}

func whatAndWhere() *sketch.Sketch {
	const width, height, gap, top = 330., 220., 20., 40.
	s := sketch.New(2*width+3*gap, top+height+gap, "The same street twice. On the left the whole picture has one answer, bus. On the right a bus, a car and a stop sign each have a box and a name.")
	s.Text("strong", gap, 20, "what?  one answer for the picture")
	streetPicture(s, gap, top, width)
	label(s, gap+8, top+8, "bus")
	s.Text("strong", width+2*gap, 20, "what and where?  an answer for each thing")
	streetPicture(s, width+2*gap, top, width)
	const scale = width / streetWidth
	for _, t := range street {
		outline(s, t, width+2*gap, top, scale)
	}
	for _, t := range street {
		label(s, min(width+2*gap+scale*t.x1, 2*width+gap-60), top+scale*t.y1-10, t.name)
	}
	return s
}

// square draws what the network gets: the picture with grey above and below it, side pixels wide and high.
func square(s *sketch.Sketch, x, y, side float64) (scale float64) {
	scale = side / streetWidth
	s.Styled("fill:#808080", func() { s.Path("", fmt.Sprintf("M%g %gh%gv%gh-%gz", x, y, side, side, side)) })
	streetPicture(s, x, y+(side-scale*streetHeight)/2, side)
	return scale
}

// grid draws lines around n × n cells.
func grid(s *sketch.Sketch, x, y, side float64, n int) {
	s.Styled(fmt.Sprintf("stroke:#fff;stroke-width:%.2g", 13/float64(n)), func() {
		for i := range n + 1 {
			at := side * float64(i) / float64(n)
			s.Path("", fmt.Sprintf("M%.2f %gv%gM%g %.2fh%g", x+at, y, side, x, y+at, side))
		}
	})
}

func grid13() *sketch.Sketch {
	const side, n, left, top = 416., 13, 20., 20.
	s := sketch.New(side+250, side+2*top, "The street in a square of 13 by 13 cells. The cell in which the middle of the bus lies is marked, and so are those of the car and the stop sign.")
	scale := square(s, left, top, side)
	grid(s, left, top, side, n)
	pad := (side - scale*streetHeight) / 2
	const cell = side / n
	for i, t := range street {
		outline(s, t, left, top+pad, scale)
		x, y := scale*(t.x1+t.x2)/2, pad+scale*(t.y1+t.y2)/2
		s.Styled("fill:"+t.colour+";fill-opacity:.75;stroke:#fff;stroke-width:1.5", func() {
			s.Rect("", left+cell*float64(int(x/cell)), top+cell*float64(int(y/cell)), cell, cell)
		})
		s.Circle("white ringed", left+x, top+y, 4)
		ly := top + 60 + 110*float64(i)
		s.Styled("fill:"+t.colour, func() { s.Rect("", side+2*left+5, ly-9, 18, 18) })
		s.Text("strong", side+2*left+32, ly, t.name)
		s.Text("", side+2*left+32, ly+20, fmt.Sprintf("cell %d from the left,", int(x/cell)+1))
		s.Text("", side+2*left+32, ly+38, fmt.Sprintf("%d from the top", int(y/cell)+1))
	}
	s.Text("small grey", side+2*left+5, side, "grey: what was missing to a square")
	return s
}

// heads are YOLOv3's, the coarsest grid first.
func heads() (heads []darknet.YOLO) {
	c, err := darknet.YOLOv3()
	if err != nil {
		panic(err) // it is part of the program
	}
	for _, l := range c.Layers {
		if head, ok := l.Kind.(darknet.YOLO); ok {
			heads = append(heads, head)
		}
	}
	return heads
}

func anchors() *sketch.Sketch {
	s := sketch.New(720, 330, "On the left, the nine anchors of YOLOv3, from small ones to one that is nearly as large as the picture. On the right, an anchor that is moved and stretched until it is a box.")
	s.Text("strong", 20, 20, "nine anchors, three for each grid")
	const scale = .62
	names := []string{"13 × 13", "26 × 26", "52 × 52"}
	classes := []string{"blue", "orange", "green"}
	for i, x := range []float64{145, 310, 395} {
		head := heads()[i]
		for _, k := range head.Mask {
			w, h := scale*head.Anchors[k][0], scale*head.Anchors[k][1]
			s.Rect("line "+classes[i], x-w/2, 165-h/2, w, h)
		}
		s.Text("small middle strong "+classes[i], x, 292, names[i])
	}
	s.Text("strong", 440, 20, "from an anchor to a box")
	// A cell, an anchor around its middle, and the box.
	s.Rect("thin grey", 520, 150, 40, 40)
	s.Rect("line blue dashed", 480, 110, 120, 120)
	s.Circle("blue", 540, 170, 3)
	s.Rect("bold orange", 468, 128, 180, 104)
	s.Circle("orange", 558, 180, 4)
	s.Arrow("line ink", 540, 170, 555, 178.5)
	s.Arrow("line ink", 600, 180, 645, 180)
	s.Text("small grey", 520, 141, "cell")
	s.Text("small blue", 480, 100, "anchor")
	s.Text("small orange strong", 600, 244, "box")
	s.Text("small", 450, 275, "x, y: where in the cell its middle lies")
	s.Text("small", 450, 295, "w, h: by how much to stretch the anchor")
	return s
}

func answer() *sketch.Sketch {
	s := sketch.New(720, 250, "The 85 numbers of one box: four for the place and size, one for the objectness, and eighty for the classes, of which bus is the highest and truck the next.")
	part := func(class string, x, width float64, title, below string) {
		s.Rect("line "+class, x, 60, width, 44)
		s.Text("middle strong "+class, x+width/2, 40, title)
		s.Text("middle small", x+width/2, 120, below)
	}
	part("blue", 20, 176, "where", "4 numbers")
	for i, name := range []string{"x", "y", "w", "h"} {
		s.Text("middle", 42+44*float64(i), 82, name)
		if i > 0 {
			s.Line("thin blue", 20+44*float64(i), 60, 20+44*float64(i), 104)
		}
	}
	part("orange", 206, 80, "anything?", "objectness")
	s.Text("middle", 246, 82, "0.93")
	part("green", 296, 404, "what?", "80 numbers, one for each class")
	for i := range 79 {
		x := 296 + 404*float64(i+1)/80
		s.Line("thin green", x, 60, x, 104)
	}
	for _, class := range []struct {
		number int
		p      float64
	}{{0, .02}, {2, .08}, {5, .88}, {6, .12}, {7, .31}, {11, .02}, {26, .03}, {56, .02}} {
		x := 296 + 404*float64(class.number)/80
		s.Styled("fill:#00795c", func() { s.Path("", fmt.Sprintf("M%.2f 104v%.2fh5.05v%.2fz", x, -44*class.p, 44*class.p)) })
	}
	s.Line("thin ink", 323.8, 108, 323.8, 150)
	s.Text("", 318, 160, "bus 0.88")
	s.Line("thin ink", 333.9, 108, 333.9, 132)
	s.Text("", 340, 138, "truck 0.31")
	s.Text("", 20, 200, "score of the bus   = objectness · bus   = 0.93 · 0.88 = 0.82")
	s.Text("", 20, 224, "score of the truck = objectness · truck = 0.93 · 0.31 = 0.29")
	return s
}

func scales() *sketch.Sketch {
	const side, gap, top = 210., 20., 42.
	s := sketch.New(3*side+4*gap, top+side+56, "The street three times: under a grid of 13 by 13 cells for large things, of 26 by 26 for middle-sized ones, and of 52 by 52 for small ones.")
	for i, n := range []int{13, 26, 52} {
		x := gap + float64(i)*(side+gap)
		s.Text("strong", x, 22, fmt.Sprintf("%d × %d cells", n, n))
		square(s, x, top, side)
		grid(s, x, top, side, n)
		s.Text("", x, top+side+18, []string{"for large things", "for middle-sized things", "for small things"}[i])
		s.Text("small grey", x, top+side+38, fmt.Sprintf("a cell is %d × %d pixels", 416/n, 416/n))
	}
	return s
}

func suppression() *sketch.Sketch {
	const width, gap, top = 330., 20., 40.
	const scale = width / streetWidth
	s := sketch.New(2*width+3*gap, top+width*streetHeight/streetWidth+gap, "On the left, the bus and the car have several boxes each, which nearly coincide. On the right, only the surest box of each is left.")
	s.Text("strong", gap, 20, "what the network proposes")
	streetPicture(s, gap, top, width)
	s.Text("strong", width+2*gap, 20, "what non-maximum suppression leaves")
	streetPicture(s, width+2*gap, top, width)
	for i, t := range street {
		shifts := [][4]float64{{-22, 16, 30, 26}, {26, -28, 20, -16}, {-40, -20, -34, 22}, {34, 30, 50, 10}, {0, 0, 0, 0}}
		if i == 2 {
			shifts = [][4]float64{{-10, 10, 6, 12}, {0, 0, 0, 0}}
		}
		for _, d := range shifts {
			moved := t
			moved.x1, moved.y1, moved.x2, moved.y2 = t.x1+d[0], t.y1+d[1], min(t.x2+d[2], streetWidth-8), t.y2+d[3]
			outline(s, moved, gap, top, scale)
		}
		outline(s, t, width+2*gap, top, scale)
	}
	for i, t := range street {
		label(s, min(width+2*gap+scale*t.x1, 2*width+2*gap-113), top+scale*t.y1-10, t.name+[]string{" 82 %", " 74 %", " 91 %"}[i])
	}
	return s
}
