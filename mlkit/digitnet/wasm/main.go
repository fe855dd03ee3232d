//go:build wasip1

// Command wasm is package digitnet for browsers: a WebAssembly module whose functions a script calls. It is built, with
// everything it needs, by
//
//	go generate ./mlkit/explore
package main

import (
	"math"
	"unsafe"

	"gopherlens/mlkit/digitnet"
)

const most = 8192 // points

var (
	points  [most]digitnet.Point
	strokes [][]digitnet.Point
	maps    digitnet.Maps
)

func main() {}

// Points is where the script writes the points of all strokes, x and y as float64; a pair of NaN is between two strokes.
//
//go:wasmexport points
func pointsAt() unsafe.Pointer { return unsafe.Pointer(&points) }

// Maps is where the script finds the maps of all layers, as float32.
//
//go:wasmexport maps
func mapsAt() unsafe.Pointer { return unsafe.Pointer(&maps) }

// Read makes a picture of the first n points, and computes its maps.
//
//go:wasmexport read
func read(n int32) {
	strokes = strokes[:0]
	start := 0
	for i, p := range points[:max(0, min(n, most))] {
		if math.IsNaN(p.X) {
			strokes = append(strokes, points[start:i])
			start = i + 1
		}
	}
	strokes = append(strokes, points[start:max(start, int(min(n, most)))])
	digitnet.Ink(strokes, maps.Layer(0))
	digitnet.Trained().Forward(&maps)
}
