// Package picture is how images are shown. It is apart, as it takes 20 ms to link.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"gopherlens/mlkit/internal/notebook"
)

// Of shows an image as a PNG, unless it is endless, as an image.Uniform, or nearly so.
func Of(m image.Image) notebook.Output {
	const most = 100e6 // pixels: of a larger one no browser shows anything
	if w, h := m.Bounds().Dx(), m.Bounds().Dy(); w > 0 && h > most/w {
		return notebook.Card(fmt.Sprintf("This picture cannot be shown: it has %d×%d pixels, and 100 million are the most.", w, h))
	}
	var data bytes.Buffer
	if err := png.Encode(&data, m); err != nil { // an image without pixels, or too large for a PNG
		return notebook.Card("This picture cannot be shown: " + err.Error() + ".")
	}
	return notebook.Picture("image/png", data.Bytes(), m.Bounds().Dx(), m.Bounds().Dy())
}
