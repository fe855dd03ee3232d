package cell

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"

	"gopherlens/mlkit/internal/notebook"
)

func outputOf(v any) notebook.Output {
	switch v := v.(type) {
	case interface{ HTML() string }:
		return notebook.Output{HTML: v.HTML(), Text: fmt.Sprint(v)}
	case error:
		return notebook.Card(v.Error())
	case image.Image:
		var data bytes.Buffer
		if err := png.Encode(&data, v); err != nil { // an image without pixels, or too large for a PNG
			return notebook.Card("This picture cannot be shown: " + err.Error() + ".")
		}
		return picture("image/png", data.Bytes(), v.Bounds().Dx(), v.Bounds().Dy())
	case []byte:
		return bytesOutput(v)
	}
	return notebook.Output{Text: fmt.Sprint(v)}
}

// bytesOutput shows the pictures that browsers know, told by how they begin, and else the bytes.
func bytesOutput(data []byte) notebook.Output {
	begins := func(with string) bool { return bytes.HasPrefix(data, []byte(with)) }
	switch {
	case begins("\x89PNG\r\n\x1a\n"):
		return picture("image/png", data, 0, 0)
	case begins("\xff\xd8\xff"):
		return picture("image/jpeg", data, 0, 0)
	case begins("<svg"), begins("<?xml") && bytes.Contains(data, []byte("<svg")):
		return picture("image/svg+xml", data, 0, 0)
	}
	return notebook.Output{Text: fmt.Sprint(data)}
}

// picture shows a picture no wider than its output. One that is known to be smaller than a thumb is
// enlarged by a whole factor, so that each of its pixels stays a square.
func picture(mime string, data []byte, width, height int) notebook.Output {
	const thumb = 128
	alt, style := "Picture", "max-width:100%;height:auto"
	if width > 0 {
		alt = fmt.Sprintf("Picture of %d×%d pixels", width, height)
		if factor := thumb / max(width, height); factor > 1 {
			style += fmt.Sprintf(";width:%dpx;image-rendering:pixelated", factor*width)
		}
	}
	return notebook.Output{
		HTML: fmt.Sprintf(`<img alt="%s" style="%s" src="data:%s;base64,%s">`,
			alt, style, mime, base64.StdEncoding.EncodeToString(data)),
		Text: alt,
	}
}
