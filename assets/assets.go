// Package assets holds what the lesson and the kernel show: figures, photos of our own, the logo.
// Being a package, its files can be embedded by whoever needs them:
//
//	os.WriteFile("logo-svg.svg", assets.Logo, 0o644)
package assets

import "embed"

// Logo is the project's logo, an SVG image; Jupyter shows it in its launcher.
//
//go:embed logo.svg
var Logo []byte

// Samples are pictures, drawn for this lesson, of things that COCO's networks know: samples/street.jpg, room.jpg and
// table.jpg. Their sources are beside them, samples/street.svg and so on; after a change,
//
//	go test ./assets -update
//
//go:embed samples
var Samples embed.FS
