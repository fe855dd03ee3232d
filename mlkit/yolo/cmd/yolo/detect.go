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
	"slices"
	"strings"
	"time"

	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

type detectCommand struct {
	network
	Photos []string `arg:"" optional:"" help:"Photos, or folders of them."`
	Image  []string `help:"The same."`
	Output string   `help:"Where the drawings go: a .jpg or .png file for one photo, a folder for several." short:"o"`
	JSON   string   `name:"json" help:"Write what was found as JSON, to a file for one photo, to a folder for several, or to the standard output (-)."`
	Text   string   `help:"Write what was found in YOLO's text form into this folder, a file a photo."`

	Score float64  `help:"Least score, from 0 to 1; the rule's if left out."`
	IoU   float64  `name:"iou" help:"Boxes that overlap a better one by more are dropped; the rule's if left out."`
	Only  []string `help:"Only these classes, by name or number."`
	Max   int      `help:"At most so many boxes a photo."`
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
	photos, err := listPhotos(slices.Concat(c.Photos, c.Image))
	if err != nil {
		return err
	}
	if len(photos) == 0 {
		return errors.New("no photo: name one, or a folder that has some")
	}
	if c.Output == "" && c.JSON == "" && c.Text == "" {
		c.Output = "detections"
		if len(photos) == 1 {
			c.Output = "output.jpg"
		}
	}
	m, err := c.open()
	if err != nil {
		return err
	}
	defer m.Close()
	var failed error
	for i, path := range photos {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		begin := time.Now()
		found, err := c.one(m, path, len(photos) > 1)
		if err != nil { // one bad file must not cost the others
			failed = errors.Join(failed, err)
			fmt.Fprintf(os.Stderr, "[%d/%d] %s: ✗ %v\n", i+1, len(photos), path, err)
			continue
		}
		fmt.Fprintf(os.Stderr, "[%d/%d] %s: %s (%d ms)\n", i+1, len(photos), path, sentence(found), time.Since(begin).Milliseconds())
	}
	if failed != nil && len(photos) > 1 {
		return errors.New("some photos failed, as said above")
	}
	return failed
}

// sentence says what was found.
func sentence(found []detection.Detection) string {
	var parts []string
	for _, f := range found {
		parts = append(parts, fmt.Sprintf("%s %.0f %%", f.Name, 100*f.Score))
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing")
}

// one detects what is on a photo and writes what was asked for.
func (c detectCommand) one(m *yolo.Model, path string, several bool) ([]detection.Detection, error) {
	img, err := photo.Open(path)
	if err != nil {
		return nil, err
	}
	found, err := m.Detect(img, c.options())
	if err != nil {
		return nil, err
	}
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	// to is where a result goes: into a folder if there are several, or if the path is one already.
	to := func(given, ext string) string {
		if info, err := os.Stat(given); several || err == nil && info.IsDir() {
			return filepath.Join(given, base+ext)
		}
		return given
	}
	switch c.JSON {
	case "":
	case "-":
		if err := printJSON(path, found, several); err != nil {
			return nil, err
		}
	default:
		if err := write(to(c.JSON, ".json"), func(w io.Writer) error { return detection.WriteJSON(w, found) }); err != nil {
			return nil, err
		}
	}
	if c.Text != "" {
		size := img.Bounds().Size()
		err := write(filepath.Join(c.Text, base+".txt"), func(w io.Writer) error {
			return detection.WriteText(w, found, size.X, size.Y, detection.TextOptions{Scores: true})
		})
		if err != nil {
			return nil, err
		}
	}
	if c.Output != "" {
		drawn := detection.Draw(img, found, detection.DrawOptions{})
		path := to(c.Output, ".jpg")
		if err := write(path, func(w io.Writer) error { return encode(w, path, drawn) }); err != nil {
			return nil, err
		}
	}
	return found, nil
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
func write(path string, content func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".yolo-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	err = errors.Join(content(f), f.Chmod(0o644), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// listPhotos lists files, and of folders the photos in them.
func listPhotos(paths []string) (photos []string, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			photos = append(photos, path)
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if ext := strings.ToLower(filepath.Ext(e.Name())); e.Type().IsRegular() && slices.Contains(extensions, ext) {
				photos = append(photos, filepath.Join(path, e.Name()))
			}
		}
	}
	return photos, nil
}

// extensions are those of the photos in a folder.
var extensions = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"}
