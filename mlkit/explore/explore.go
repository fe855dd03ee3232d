// Package explore holds explorables: pictures that a learner changes with the mouse, a finger or the keyboard, and
// whose numbers change with them.
//
//	%%
//	cell.Show(explore.Line{X: []float64{1, 2, 3}, Y: []float64{8, 9.2, 9.1}, Weight: 0.2, Bias: 3})
//
// Each is a Go value. Its HTML is a static picture, which stands for it in a notebook that is not trusted, on a
// code-hosting site and in print, and a script that makes this same picture move. Nothing is fetched, no cell keeps
// running, and the kernel is not asked.
//
// The scripts are small ES modules in the folder js, on js/kit.js, bundled into the folder dist by
//
//	go generate ./mlkit/explore
package explore

import (
	"embed"
	"encoding/json"
	"fmt"
	"html"

	"gopherlens/mlkit/sketch"
)

//go:generate go run ../../scripts/internal/bundle

//go:embed dist/*.js
var scripts embed.FS

// render makes an explorable's HTML: the picture with its caption, the values that the script named name begins
// with, and the script itself.
func render(name string, picture *sketch.Sketch, caption string, values any) string {
	data, err := json.Marshal(values)
	if err != nil { // a number that is not finite
		return fmt.Sprintf(`<p>This cannot be shown: %s.</p>`, html.EscapeString(err.Error()))
	}
	script, err := scripts.ReadFile("dist/" + name + ".js")
	if err != nil {
		panic(err) // the script was not bundled
	}
	return fmt.Sprintf(`<div data-explore="%s" data-values="%s"><figure style="margin:.6em 0">%s`+
		`<figcaption>%s To play with it, run this cell.</figcaption></figure></div>`+"\n<script type=\"module\">\n%s</script>",
		name, html.EscapeString(string(data)), picture.HTML(), html.EscapeString(caption), script)
}

// axis is an axis as the scripts take it: js/kit.js, scale.
func axis(a sketch.Axis) [4]float64 { return [4]float64{a.From, a.To, a.Start, a.End} }
