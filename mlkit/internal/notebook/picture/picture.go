// Package picture is how images are shown. It is apart, as it takes 20 ms to link.
package picture

import (
	"bytes"
	"image"
	"image/png"

	"gopherlens/mlkit/internal/notebook"
)

// Of shows an image as a PNG.
func Of(m image.Image) notebook.Output {
	var data bytes.Buffer
	if err := png.Encode(&data, m); err != nil { // an image without pixels, or too large for a PNG
		return notebook.Card("This picture cannot be shown: " + err.Error() + ".")
	}
	return notebook.Picture("image/png", data.Bytes(), m.Bounds().Dx(), m.Bounds().Dy())
}
