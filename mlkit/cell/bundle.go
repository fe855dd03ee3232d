package cell

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"strings"
)

// bundle is one output in the two forms that a front end chooses from. Without html, text is all.
type bundle struct{ html, text string }

func bundleOf(v any) bundle {
	switch v := v.(type) {
	case interface{ HTML() string }:
		return bundle{v.HTML(), fmt.Sprint(v)}
	case error:
		return errorCard(v.Error(), "")
	case image.Image:
		var data bytes.Buffer
		if err := png.Encode(&data, v); err != nil { // an image without pixels, or too large for a PNG
			return errorCard("This picture cannot be shown: "+err.Error()+".", "")
		}
		return picture("image/png", data.Bytes(), v.Bounds().Dx(), v.Bounds().Dy())
	case []byte:
		return bytesBundle(v)
	}
	return bundle{text: fmt.Sprint(v)}
}

// bytesBundle shows the pictures that browsers know, told by how they begin, and else the bytes.
func bytesBundle(data []byte) bundle {
	begins := func(with string) bool { return bytes.HasPrefix(data, []byte(with)) }
	switch {
	case begins("\x89PNG\r\n\x1a\n"):
		return picture("image/png", data, 0, 0)
	case begins("\xff\xd8\xff"):
		return picture("image/jpeg", data, 0, 0)
	case begins("<svg"), begins("<?xml") && bytes.Contains(data, []byte("<svg")):
		return picture("image/svg+xml", data, 0, 0)
	}
	return bundle{text: fmt.Sprint(data)}
}

// picture shows a picture no wider than its output. One that is known to be smaller than a thumb is
// enlarged by a whole factor, so that each of its pixels stays a square.
func picture(mime string, data []byte, width, height int) bundle {
	const thumb = 128
	alt, style := "Picture", "max-width:100%;height:auto"
	if width > 0 {
		alt = fmt.Sprintf("Picture of %d×%d pixels", width, height)
		if factor := thumb / max(width, height); factor > 1 {
			style += fmt.Sprintf(";width:%dpx;image-rendering:pixelated", factor*width)
		}
	}
	return bundle{
		html: fmt.Sprintf(`<img alt="%s" style="%s" src="data:%s;base64,%s">`,
			alt, style, mime, base64.StdEncoding.EncodeToString(data)),
		text: alt,
	}
}

// errorCard is a mistake in one sentence, with the line that it is about if that is known. It is
// legible on a light page and on a dark one, and its mark says the same as its colour.
func errorCard(sentence, line string) bundle {
	if line != "" {
		line = `<pre style="margin:.4em 0 0;padding:0;color:inherit;background:none;white-space:pre-wrap"><code>` +
			escape(line) + `</code></pre>`
	}
	return bundle{
		html: `<div role="alert" style="border-left:4px solid #c2410c;border-radius:4px;padding:.4em .9em;margin:.3em 0;` +
			`line-height:1.5;color:var(--jp-ui-font-color1,#222);background:var(--jp-layout-color2,#f3f4f6)">` +
			`<span aria-hidden="true" style="font-weight:bold">✗ </span>` + escape(sentence) + line + `</div>`,
		text: sentence,
	}
}

// escape makes text fit for HTML, between tags and in attributes.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace
