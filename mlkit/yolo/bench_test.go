package yolo

import (
	"bytes"
	"image/jpeg"
	"math"
	"testing"

	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// BenchmarkPhoto is all that a photo needs besides the network: reading and preparing it, decoding the heads of
// YOLOv3 at 416 × 416, suppression, and drawing. What is found are three objects, 12 boxes each.
func BenchmarkPhoto(b *testing.B) {
	path := shared(b, "images", "dog.jpg")
	c, err := OpenConfig(shared(b, "darknet", "yolov3-416.cfg"))
	if err != nil {
		b.Fatal(err)
	}
	m := &Model{Config: c, Names: detection.COCO()}
	heads := drawnHeads(c)
	input := make([]float32, c.Width*c.Height*3)
	img, err := photo.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	mapping := photo.Into(input, img, c.Width, c.Height, photo.Letterbox, photo.Darknet)
	found, err := m.Decode(heads, mapping, detection.Options{})
	if err != nil || len(found) != 3 {
		b.Fatalf("found %v, %v", found, err)
	}
	drawn := detection.Draw(img, found, detection.DrawOptions{})
	read := func() {
		if img, err = photo.Open(path); err != nil {
			b.Fatal(err)
		}
	}
	prepare := func() { photo.Into(input, img, c.Width, c.Height, photo.Letterbox, photo.Darknet) }
	decode := func() {
		if _, err := m.Decode(heads, mapping, detection.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	draw := func() { drawn = detection.Draw(img, found, detection.DrawOptions{}) }
	var file bytes.Buffer
	for _, part := range []struct {
		name string
		do   func()
	}{
		{"read", read}, {"prepare", prepare}, {"decode", decode}, {"draw", draw},
		{"all", func() { read(); prepare(); decode(); draw() }},
		{"encode", func() { file.Reset(); jpeg.Encode(&file, drawn, &jpeg.Options{Quality: 92}) }},
	} {
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				part.do()
			}
		})
	}
}

// drawnHeads are heads that find three objects, 12 boxes each.
func drawnHeads(c *darknet.Config) (heads [][]float32) {
	for _, l := range c.Layers {
		k, ok := l.Kind.(darknet.YOLO)
		if !ok {
			continue
		}
		n := 5 + k.Classes
		head := make([]float32, l.In.Height*l.In.Width*len(k.Mask)*n)
		for i := range head {
			head[i] = -8
		}
		for object := range 3 {
			for cell := range 4 {
				at := (l.In.Height/2+cell/2)*l.In.Width + l.In.Width*(1+object)/4 + cell%2
				t := head[at*len(k.Mask)*n:][:n]
				anchor := k.Anchors[k.Mask[0]]
				t[0], t[1], t[4], t[5+object] = 0, 0, 3-float32(cell), 4
				t[2], t[3] = float32(math.Log(250/anchor[0])), float32(math.Log(250/anchor[1]))
			}
		}
		heads = append(heads, head)
	}
	return heads
}
