package gallery

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/jpeg"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"gopherlens/mlkit/cell"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// widest is how many pixels the longer side of a shown photo has at most: what comes from a camera is made smaller,
// for a notebook keeps all that it shows.
const widest = 960

// maxShown bounds how many photos an album shows.
const maxShown = 60

// A View is what a notebook shows.
type View struct{ html, text string }

// HTML is the view for a notebook.
func (v View) HTML() string { return v.html }

// String is the view in words.
func (v View) String() string { return v.text }

// Album shows photos, one below the other, each with its boxes and a table of them. found[i] is what was found in
// photos[i]; a photo whose list is nil, as it could not be looked at, is left out, and so is what comes after the
// sixtieth.
func Album(photos []string, found [][]detection.Detection) View {
	var page strings.Builder
	var lines []string
	for i, path := range photos {
		if i >= len(found) || found[i] == nil || len(lines) == maxShown {
			continue
		}
		line := describe(path, found[i])
		lines = append(lines, line)
		img, err := photo.Open(path)
		if err != nil {
			fmt.Fprintf(&page, "<p>%s</p>", html.EscapeString(err.Error()))
			continue
		}
		small, scale := shrink(img, widest)
		var file bytes.Buffer
		jpeg.Encode(&file, detection.Draw(small, resize(found[i], scale), detection.DrawOptions{}), &jpeg.Options{Quality: 85}) // a bytes.Buffer takes everything
		fmt.Fprintf(&page, `<figure style="margin:.6em 0 1.4em"><img alt="%s" style="max-width:100%%;height:auto" src="data:image/jpeg;base64,%s">`+
			`<figcaption>%s</figcaption>%s</figure>`, html.EscapeString(line),
			base64.StdEncoding.EncodeToString(file.Bytes()), html.EscapeString(filepath.Base(path)), table(found[i]))
	}
	return View{page.String(), strings.Join(lines, "\n")}
}

// describe is "dog.jpg, with 2 boxes: dog 65 %, bicycle 40 %." The last box of many is number 12.
func describe(path string, found []detection.Detection) string {
	const some = 12
	text := filepath.Base(path) + ", with "
	switch len(found) {
	case 0:
		return text + "nothing found."
	case 1:
		text += "1 box: "
	default:
		text += fmt.Sprintf("%d boxes: ", len(found))
	}
	var names []string
	for _, d := range found[:min(len(found), some)] {
		names = append(names, fmt.Sprintf("%s %.0f %%", d.Name, 100*d.Score))
	}
	if len(found) > some {
		names = append(names, "…")
	}
	return text + strings.Join(names, ", ") + "."
}

// table lists what was found, with the boxes in pixels of the photo.
func table(found []detection.Detection) string {
	if len(found) == 0 {
		return "<p>Nothing found.</p>"
	}
	const most = 30
	var rows [][]string
	for _, d := range found[:min(len(found), most)] {
		row := []string{d.Name, fmt.Sprintf("%.0f %%", 100*d.Score)}
		for _, v := range [...]float64{d.Box.X1, d.Box.Y1, d.Box.Width(), d.Box.Height()} {
			row = append(row, fmt.Sprintf("%.0f", v))
		}
		rows = append(rows, row)
	}
	text := cell.Table([]string{"what", "how sure", "left", "top", "width", "height"}, rows).HTML()
	if more := len(found) - len(rows); more > 0 {
		text += fmt.Sprintf("<p>… and %d more.</p>", more)
	}
	return text
}

// shrink makes a picture no larger than most pixels on its longer side, and says by which factor it is smaller.
func shrink(img image.Image, most int) (image.Image, float64) {
	size := img.Bounds().Size()
	scale := min(1, float64(most)/float64(max(size.X, size.Y)))
	if scale == 1 {
		return img, 1
	}
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(size.X)*scale+.5)), max(1, int(float64(size.Y)*scale+.5))))
	draw.ApproxBiLinear.Scale(small, small.Rect, img, img.Bounds(), draw.Src, nil)
	return small, scale
}

// resize gives detections the size of a picture that is smaller by a factor.
func resize(found []detection.Detection, scale float64) []detection.Detection {
	found = slices.Clone(found)
	for i := range found {
		b := &found[i].Box
		*b = detection.Box{X1: b.X1 * scale, Y1: b.Y1 * scale, X2: b.X2 * scale, Y2: b.Y2 * scale}
	}
	return found
}
