package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
	"iter"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ericpauley/go-quantize/quantize"

	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
	"gopherlens/mlkit/yolo/video"
)

// animation does it for every frame of a GIF, and draws into another one, unless target is "".
func (d detector) animation(ctx context.Context, in input, a *photo.Animation, target string) (string, error) {
	out := gif.GIF{LoopCount: a.LoopCount}
	frames := func(yield func(frame, error) bool) {
		at := time.Duration(0)
		for f, err := range a.Frames() {
			show := func(drawn *image.RGBA) error {
				out.Image, out.Delay = append(out.Image, paletted(drawn)), append(out.Delay, int(f.Delay/(10*time.Millisecond)))
				return nil
			}
			if target == "" {
				show = nil
			}
			if !yield(frame{f.Image, at, show}, err) {
				return
			}
			at += f.Delay
		}
	}
	found, err := d.each(ctx, in, a.Len, frames)
	if err == nil && target != "" {
		err = write(target, func(w io.Writer) error { return gif.EncodeAll(w, &out) })
	}
	return found, err
}

// video does it for every frame of a video, and draws into another one, unless only data is asked for.
func (d detector) video(ctx context.Context, in input) (_ string, err error) {
	r, err := in.frames(ctx)
	if err != nil {
		return "", err
	}
	defer r.Close()
	var show func(*image.RGBA) error
	if target := d.drawing(in, ".mp4"); target != "" {
		var w *video.Writer
		if w, err = video.Create(target, r.Width, r.Height, r.Rate, d.FourCC); err != nil {
			return "", err
		}
		defer func() {
			if err != nil {
				w.Discard()
				return
			}
			err = w.Close() // after an interruption, too: what has been drawn is worth keeping
		}()
		show = w.Write
	}
	return d.each(ctx, in, cmp.Or(r.Length, -1), func(yield func(frame, error) bool) {
		n := 0
		for img, err := range r.Frames() {
			if !yield(frame{img, r.Rate.At(n), show}, err) {
				return
			}
			n++
		}
	})
}

// A frame is a picture that follows others.
type frame struct {
	image image.Image
	at    time.Duration           // since the first
	show  func(*image.RGBA) error // what becomes of the drawing; nil if nobody wants one
}

// each detects what is in every frame and writes what was asked for. n is about how many they are, −1 if that is not
// known.
func (d detector) each(ctx context.Context, in input, n int, frames iter.Seq2[frame, error]) (string, error) {
	d.bar.clear()
	b := newBar(n, "frames")
	defer b.end()
	seen, count := map[string]int{}, 0
	all := func(w io.Writer) error {
		for f, err := range frames {
			if ctx.Err() != nil {
				return nil // what there is so far stays
			}
			if err != nil {
				return err
			}
			found, err := d.m.Detect(f.image, d.options())
			if err != nil {
				return err
			}
			count++
			if err := writeLine(w, in, d.several, count, f.at, found); err != nil {
				return err
			}
			if err := d.label(fmt.Sprintf("%s_%d", in.base, count), f.image, found); err != nil {
				return err
			}
			if f.show != nil {
				if err := f.show(detection.Draw(f.image, found, detection.DrawOptions{})); err != nil {
					return err
				}
			}
			names := map[string]bool{}
			for _, one := range found {
				names[one.Name] = true
			}
			for name := range names {
				seen[name]++
			}
			b.step()
		}
		return nil
	}
	var err error
	switch d.JSON {
	case "":
		err = all(io.Discard)
	case "-":
		err = all(os.Stdout)
	default:
		err = write(d.target(in, d.JSON, ".json"), all)
	}
	var parts []string
	for _, name := range slices.SortedFunc(maps.Keys(seen), func(a, b string) int { return cmp.Or(seen[b]-seen[a], cmp.Compare(a, b)) }) {
		parts = append(parts, fmt.Sprintf("%s in %d", name, seen[name]))
	}
	return fmt.Sprintf("%d frames: %s", count, cmp.Or(strings.Join(parts, ", "), "nothing")), err
}

// writeLine writes what was found in a frame, counted from 1, as a line of JSON.
func writeLine(w io.Writer, in input, several bool, n int, at time.Duration, found []detection.Detection) error {
	line := struct {
		Video      string                `json:"video,omitempty"`
		Frame      int                   `json:"frame"`
		Time       float64               `json:"time"`
		Detections []detection.Detection `json:"detections"`
	}{"", n, math.Round(at.Seconds()*1e3) / 1e3, append([]detection.Detection{}, found...)}
	if several {
		line.Video = in.name
	}
	return json.NewEncoder(w).Encode(line)
}

// paletted gives a picture 256 colours at most: its own, if it has no more.
func paletted(img *image.RGBA) *image.Paletted {
	colours := map[color.RGBA]uint8{}
	for i := 0; i < len(img.Pix) && len(colours) <= 256; i += 4 {
		c := color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 255}
		if _, ok := colours[c]; !ok {
			colours[c] = uint8(len(colours))
		}
	}
	to := image.NewPaletted(img.Rect, nil)
	nearest := func(c color.RGBA) uint8 { return colours[c] }
	if len(colours) <= 256 {
		to.Palette = make(color.Palette, len(colours))
		for c, i := range colours {
			to.Palette[i] = c
		}
	} else {
		to.Palette = quantize.MedianCutQuantizer{}.Quantize(make(color.Palette, 0, 256), img)
		clear(colours)
		nearest = func(c color.RGBA) uint8 {
			i, ok := colours[c]
			if !ok {
				i = uint8(to.Palette.Index(c))
				colours[c] = i
			}
			return i
		}
	}
	for i := range to.Pix {
		p := img.Pix[4*i:][:3]
		to.Pix[i] = nearest(color.RGBA{p[0], p[1], p[2], 255})
	}
	return to
}
