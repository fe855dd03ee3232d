package main

import (
	"fmt"

	"gopherlens/mlkit/explore"
	"gopherlens/mlkit/sketch"
)

// featureMaps are some of the maps that the trained network makes of a digit: edges first, then parts, then the digit.
// The maps were chosen by looking at them; if the network is trained anew, look again.
func featureMaps() *sketch.Sketch {
	maps := explore.Read(5)
	digit, probability := maps.Digit()
	s := sketch.New(640, 361, fmt.Sprintf("What a trained network sees in a handwritten 5. Eight maps of its first convolution show edges: "+
		"upper ones, lower ones, left ones and right ones. Sixteen maps of its second convolution show parts: single ends, bends and corners. "+
		"At the end it answers %d, with %.1f %%.", digit, 100*probability))
	picture := func(x, y, side float64, layer, columns int, channels ...int) {
		p := explore.FeatureMaps(maps, layer, columns, channels...)
		s.Pixels(x, y, side, side*float64(p.Bounds().Dy())/float64(p.Bounds().Dx()), p)
	}
	const top, height = 58, 283.
	const middle = top + height/2
	s.Text("strong middle", 76, 24, "picture")
	picture(20, middle-56, 112, 0, 1)
	s.Arrow("line grey", 140, middle, 158, middle)
	s.Text("strong middle", 236, 24, "edges")
	s.Text("small middle", 236, 42, "8 of 32 maps, 26 × 26")
	picture(166, top, 140, 1, 2, 0, 2, 3, 5, 6, 13, 20, 22)
	s.Arrow("line grey", 314, middle, 332, middle)
	s.Text("strong middle", 450, 24, "parts")
	s.Text("small middle", 450, 42, "16 of 64 maps, 12 × 12")
	picture(340, middle-110, 220, 3, 4, 2, 9, 10, 12, 18, 19, 20, 25, 29, 35, 36, 38, 41, 48, 50, 51)
	s.Arrow("line grey", 565, middle, 580, middle)
	s.Text("strong middle", 611, 24, "digit")
	s.Text("large strong middle blue", 611, middle-10, fmt.Sprint(digit))
	s.Text("small middle", 611, middle+10, fmt.Sprintf("%.1f %%", 100*probability))
	return s
}
