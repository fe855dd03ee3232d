// Command figures draws the lesson's static figures into notebooks/figures, where the notebooks find them. It runs at
// the root of the repository:
//
//	go run ./assets/figures
//
// A figure is a function of no arguments that draws it with mlkit/sketch, and a line in the table below. In
// notebooks/source it is ![alt text](figure:NAME).
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"gopherlens/mlkit/sketch"
)

// figures are all figures, by the names of their files.
var figures = map[string]func() *sketch.Sketch{
	"recognition":    recognition,
	"line":           line,
	"bent":           bent,
	"combination":    combination,
	"network":        network,
	"neurons":        neurons,
	"activations":    activations,
	"throws":         throws,
	"loop":           loop,
	"what-and-where": whatAndWhere,
	"grid":           grid13,
	"anchors":        anchors,
	"answer":         answer,
	"scales":         scales,
	"suppression":    suppression,
	"feature-maps":   featureMaps,
	"families":       families,
	"features":       features,
	"whole":          whole,
	"layers":         layers,
	"scan":           scan,
	"steps":          steps,
	"pooling":        pooling,
	"flatten":        flatten,
	"cats":           cats,
	"cropped":        cropped,
}

func main() {
	for name, draw := range figures {
		if err := os.WriteFile(filepath.Join("notebooks", "figures", name+".svg"), draw().SVG(), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
