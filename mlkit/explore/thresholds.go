package explore

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"unicode/utf8"

	"golang.org/x/image/draw"

	"gopherlens/mlkit/sketch"
	"gopherlens/mlkit/yolo/detection"
)

// Thresholds is a photo with all that a detector proposes for it, of which the learner lets through what is above a
// score and does not overlap a better box of its class too much: non-maximum suppression, with Darknet's rule.
type Thresholds struct {
	Photo     image.Image
	Proposals []detection.Detection // with boxes in the photo's pixels, not suppressed
	Score     float64               // where the thresholds begin: 0 for 0.25
	IoU       float64               // 0 for 0.45
}

const (
	thresholdsWidth  = 640 // of the photo as shown, in pixels, at most
	thresholdsHeight = 480
	maxProposals     = 500
)

// Kept is what the thresholds let through: what detection.Suppress gives for them.
func (t Thresholds) Kept() []detection.Detection {
	var names []string
	var candidates []detection.Candidate
	for _, d := range t.proposals() {
		for len(names) <= d.Class {
			names = append(names, "")
		}
		names[d.Class] = d.Name
		classes := make([]float32, d.Class+1)
		classes[d.Class] = 1
		candidates = append(candidates, detection.Candidate{Box: d.Box, Objectness: d.Score, Classes: classes})
	}
	kept, err := detection.Suppress(candidates, names, detection.Options{Score: t.Score, IoU: t.IoU})
	if err != nil {
		return nil // a threshold is not from 0 to 1
	}
	return kept
}

// proposals are those that are shown.
func (t Thresholds) proposals() []detection.Detection {
	return t.Proposals[:min(len(t.Proposals), maxProposals)]
}

// String says what the picture shows.
func (t Thresholds) String() string {
	t = t.withDefaults()
	return fmt.Sprintf("A photo with what is left of %d proposed boxes at a score above %.2f and an IoU of up to %.2f: %d.",
		len(t.proposals()), t.Score, t.IoU, len(t.Kept()))
}

func (t Thresholds) withDefaults() Thresholds {
	if t.Score == 0 {
		t.Score = 0.25
	}
	if t.IoU == 0 {
		t.IoU = 0.45
	}
	return t
}

// proposal is one as the script takes it.
type proposal struct {
	Class  int        `json:"class"`
	Name   string     `json:"name"`
	Score  float64    `json:"score"`
	Box    [4]float64 `json:"box"` // in pixels of the photo
	Colour string     `json:"colour"`
}

// HTML returns the explorable.
func (t Thresholds) HTML() string {
	t = t.withDefaults()
	if t.Photo == nil || t.Photo.Bounds().Empty() {
		return "<p>explore.Thresholds needs a photo.</p>"
	}
	size := t.Photo.Bounds().Size()
	scale := min(1, thresholdsWidth/float64(size.X), thresholdsHeight/float64(size.Y))
	width, height := float64(size.X)*scale, float64(size.Y)*scale
	// Twice as many pixels as are shown, where the photo has them, for screens that are finer.
	fine := min(1, 2*scale)
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(size.X)*fine)), max(1, int(float64(size.Y)*fine))))
	draw.ApproxBiLinear.Scale(small, small.Rect, t.Photo, t.Photo.Bounds(), draw.Src, nil)
	var file bytes.Buffer
	jpeg.Encode(&file, small, &jpeg.Options{Quality: 80}) // a bytes.Buffer takes everything

	all := []proposal{}
	for _, d := range t.proposals() {
		all = append(all, proposal{d.Class, d.Name, d.Score, corners(d.Box), colour(d.Class)})
	}
	s := sketch.New(width+20, height+20, t.String())
	s.At(10, 10, func() {
		s.Image(0, 0, width, height, "image/jpeg", file.Bytes())
		s.Named("boxes", func() {
			for _, d := range t.Kept() {
				b := d.Box.Clip(size.X, size.Y)
				s.Styled("color:"+colour(d.Class), func() {
					s.Rect("bold", b.X1*scale, b.Y1*scale, b.Width()*scale, b.Height()*scale)
				})
				words := fmt.Sprintf("%s %.0f %%", d.Name, 100*d.Score)
				long := 7.2*float64(utf8.RuneCountInString(words)) + 9
				x, y := max(0, min(b.X1*scale, width-long-3)), min(b.Y1*scale, height-22) // within the photo
				s.Styled("opacity:.85", func() { s.Rect("white", x+1.5, y+1.5, long, 19) })
				s.Text("strong", x+6, y+11, words)
			}
		})
	})
	return render("thresholds", s, t.String(), map[string]any{
		"proposals": all, "score": t.Score, "iou": t.IoU, "scale": scale, "size": [2]int{size.X, size.Y},
	})
}

func colour(class int) string {
	c := detection.Color(class)
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}
