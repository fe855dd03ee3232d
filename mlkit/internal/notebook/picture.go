package notebook

import (
	"bytes"
	"encoding/base64"
	"fmt"
)

// Bytes shows the pictures that browsers know, told by how they begin, and else the bytes.
func Bytes(data []byte) Output {
	begins := func(with string) bool { return bytes.HasPrefix(data, []byte(with)) }
	switch {
	case begins("\x89PNG\r\n\x1a\n"):
		return Picture("image/png", data, 0, 0)
	case begins("\xff\xd8\xff"):
		return Picture("image/jpeg", data, 0, 0)
	case begins("<svg"), begins("<?xml") && bytes.Contains(data, []byte("<svg")):
		return Picture("image/svg+xml", data, 0, 0)
	}
	return Output{Text: fmt.Sprint(data)}
}

// Picture shows a picture no wider than its output. One that is known to be smaller than a thumb is
// enlarged by a whole factor, so that each of its pixels stays a square.
func Picture(mime string, data []byte, width, height int) Output {
	const thumb = 128
	alt, style := "Picture", "max-width:100%;height:auto"
	if width > 0 {
		alt = fmt.Sprintf("Picture of %d×%d pixels", width, height)
		if factor := thumb / max(width, height); factor > 1 {
			style += fmt.Sprintf(";width:%dpx;image-rendering:pixelated", factor*width)
		}
	}
	return Output{
		HTML: fmt.Sprintf(`<img alt="%s" style="%s" src="data:%s;base64,%s">`,
			alt, style, mime, base64.StdEncoding.EncodeToString(data)),
		Text: alt,
	}
}
