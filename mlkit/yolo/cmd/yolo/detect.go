package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gopherlens/mlkit/internal/whole"
	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

type detectCommand struct {
	network
	Photos []string `arg:"" optional:"" help:"Photos, animated GIFs, videos, or folders of photos; - is a photo on the standard input."`
	Image  []string `help:"Photos, as yolov3-tf2 calls them." sep:"none"`
	Video  []string `sep:"none" help:"Videos; - is one on the standard input, such as Motion JPEG, and a number is a camera's."`
	Output string   `help:"Where the drawings go: a .jpg, .png, .gif (of a GIF) or .mp4, .mov, .mkv, .avi (of a video) file for one, a folder for several, or for those of a folder." short:"o"`
	FourCC string   `name:"output_format" help:"How a video is compressed: XVID, MP4V, MJPG, AVC1; by its file's extension if left out." placeholder:"FOURCC"`
	JSON   string   `name:"json" help:"Write what was found as JSON, to a file for one photo, to a folder for several, or to the standard output (-). Of what moves, a line for each frame."`
	Text   string   `help:"Write what was found in YOLO's text form into this folder, a file a photo or frame."`

	Score float64  `help:"Least score, from 0 to 1; the rule's if left out." aliases:"yolo_score_threshold"`
	IoU   float64  `name:"iou" help:"Boxes that overlap a better one by more are dropped; the rule's if left out." aliases:"yolo_iou_threshold"`
	Only  []string `help:"Only these classes, by name or number."`
	Max   int      `help:"At most so many boxes a photo." aliases:"yolo_max_boxes"`
	Rule  string   `help:"darknet or tf2 (yolov3-tf2's: one class a box, soft suppression)." enum:"darknet,tf2" default:"darknet"`
	Fit   string   `help:"letterbox keeps a photo's proportions, stretch does not." enum:"letterbox,stretch" default:"letterbox"`
	Scale string   `help:"Resize as darknet, opencv or tf does." enum:"darknet,opencv,tf" default:"darknet"`
}

func (c detectCommand) options() yolo.Options {
	return yolo.Options{
		Fit:        map[string]photo.Fit{"letterbox": photo.Letterbox, "stretch": photo.Stretch}[c.Fit],
		Resampling: map[string]photo.Resampling{"darknet": photo.Darknet, "opencv": photo.HalfPixel, "tf": photo.TF}[c.Scale],
		Options: detection.Options{
			Rule:  map[string]detection.Rule{"darknet": detection.Darknet, "tf2": detection.YOLOv3TF2}[c.Rule],
			Score: c.Score, IoU: c.IoU, Classes: c.Only, Max: c.Max,
		},
	}
}

func (c detectCommand) Run(ctx context.Context) error {
	inputs, several, err := c.inputs()
	if err != nil {
		return err
	}
	if len(inputs) == 0 {
		return errors.New("no photo: name one, or a folder that has some")
	}
	m, err := c.open()
	if err != nil {
		return err
	}
	defer m.Close()
	d := detector{detectCommand: c, m: m, several: several}
	if d.several {
		d.bar = newBar(len(inputs), "photos")
		defer d.bar.end()
	}
	var failed error
	for i, in := range inputs {
		begin := time.Now()
		found, err := d.one(ctx, in)
		if ctx.Err() != nil {
			return errors.New("interrupted: what was written so far is kept")
		}
		if err != nil { // one bad file must not cost the others
			failed = errors.Join(failed, err)
			found = fmt.Sprintf("✗ %v", err)
		}
		if err == nil || d.several {
			d.bar.say("[%d/%d] %s: %s (%d ms)", i+1, len(inputs), in.name, found, time.Since(begin).Milliseconds())
		}
		d.bar.step()
	}
	if failed != nil && d.several {
		return errors.New("some photos failed, as said above")
	}
	return failed
}

// A detector is the command at work.
type detector struct {
	detectCommand
	m       *yolo.Model
	several bool
	bar     *bar
}

// one detects what is in a file, writes what was asked for, and says what was found.
func (d detector) one(ctx context.Context, in input) (string, error) {
	if in.video {
		return d.video(ctx, in)
	}
	a, err := in.picture()
	if err != nil {
		return "", err
	}
	target := d.drawing(in, ".gif")
	if a.Len > 1 && (target == "" || strings.EqualFold(filepath.Ext(target), ".gif")) {
		return d.animation(ctx, in, a, target)
	}
	for frame, err := range a.Frames() {
		if err != nil {
			return "", err
		}
		return d.still(in, frame.Image) // the first alone
	}
	return "", nil
}

// drawing is where a drawing goes, or "" if only data is asked for.
func (d detector) drawing(in input, ext string) string {
	switch {
	case d.Output != "":
		return d.target(in, d.Output, ext)
	case d.JSON != "" || d.Text != "":
		return ""
	case d.several:
		return d.target(in, "detections", ext)
	}
	return "output" + ext
}

// target is where a result goes: into a folder if there are several, or if the path is one already.
func (d detector) target(in input, given, ext string) string {
	if info, err := os.Stat(given); d.several || err == nil && info.IsDir() {
		return filepath.Join(given, in.base+ext)
	}
	return given
}

// still does it for a picture.
func (d detector) still(in input, img image.Image) (string, error) {
	found, err := d.m.Detect(img, d.options())
	if err != nil {
		return "", err
	}
	switch d.JSON {
	case "":
	case "-":
		if err := printJSON(in.name, found, d.several); err != nil {
			return "", err
		}
	default:
		if err := write(d.target(in, d.JSON, ".json"), func(w io.Writer) error { return detection.WriteJSON(w, found) }); err != nil {
			return "", err
		}
	}
	if err := d.label(in.base, img, found); err != nil {
		return "", err
	}
	if path := d.drawing(in, ".jpg"); path != "" {
		drawn := detection.Draw(img, found, detection.DrawOptions{})
		if err := write(path, func(w io.Writer) error { return encode(w, path, drawn) }); err != nil {
			return "", err
		}
	}
	return sentence(found), nil
}

// label writes YOLO's text.
func (d detector) label(base string, img image.Image, found []detection.Detection) error {
	if d.Text == "" {
		return nil
	}
	size := img.Bounds().Size()
	return write(filepath.Join(d.Text, base+".txt"), func(w io.Writer) error {
		return detection.WriteText(w, found, size.X, size.Y, detection.TextOptions{Scores: true})
	})
}

// sentence says what was found.
func sentence(found []detection.Detection) string {
	var parts []string
	for _, f := range found {
		parts = append(parts, fmt.Sprintf("%s %.0f %%", f.Name, 100*f.Score))
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing")
}

// printJSON prints the list of one photo; of several, a line each, with the photo's name.
func printJSON(path string, found []detection.Detection, several bool) error {
	if !several {
		return detection.WriteJSON(os.Stdout, found)
	}
	return json.NewEncoder(os.Stdout).Encode(struct {
		Photo      string                `json:"photo"`
		Detections []detection.Detection `json:"detections"`
	}{path, append([]detection.Detection{}, found...)})
}

func encode(w io.Writer, path string, img image.Image) error {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".jpg", ".jpeg":
		return jpeg.Encode(w, img, &jpeg.Options{Quality: 92})
	case ".png":
		return png.Encode(w, img)
	default:
		return fmt.Errorf("%s: drawings are .jpg or .png, not %q", path, ext)
	}
}

// write makes a file, and the folders above it, whole or not at all.
func write(path string, content func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return whole.WriteFile(path, content)
}
