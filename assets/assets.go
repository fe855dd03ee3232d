// Package assets holds what the lesson and the kernel show: figures, photos of our own, the logo.
// Being a package, its files can be embedded by whoever needs them:
//
//	os.WriteFile("logo-svg.svg", assets.Logo, 0o644)
package assets

import _ "embed"

// Logo is the project's logo, an SVG image; Jupyter shows it in its launcher.
//
//go:embed logo.svg
var Logo []byte
