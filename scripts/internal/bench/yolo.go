//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

type yoloCommand struct {
	Cfg     string `help:"The network, in Darknet's format." required:"" type:"existingfile"`
	Weights string `help:"Its weights." required:"" type:"existingfile"`
	Size    int    `help:"Height and width of the picture; the configuration's if left out."`
	Runs    int    `help:"How many passes to measure, after a first one." default:"10"`
	Photo   string `help:"A photo to find things in; dog.jpg of the shared data if left out."`
	Peer    string `help:"Run onnxruntime or opencv in turn." enum:",onnxruntime,opencv" default:""`
	Turns   int    `help:"With a peer: how often each is run, in a process of its own." default:"3"`
}

// yoloResult has the peers' keys, and more.
type yoloResult struct {
	Peer      string  `json:"peer"`
	Size      int     `json:"size"`
	Threads   int     `json:"threads"`
	LoadS     float64 `json:"load_s"` // reading the files, folding batch normalization
	FirstMS   float64 `json:"first_ms"`
	MinMS     float64 `json:"min_ms"` // of the passes after the first
	MedianMS  float64 `json:"median_ms"`
	PeakRSSMB int64   `json:"peak_rss_mb"`
	WallS     float64 `json:"wall_s"`
	// With a photo: from the start of the command to its boxes drawn and written, the second time, to be compared with a peer's
	// load and first pass; all that the photo needs besides the network (reading, preparing, decoding the heads,
	// suppression, drawing), and the encoding of the drawing as a JPEG, the least of the runs.
	BoxesS   float64 `json:"start_to_boxes_s,omitempty"`
	PhotoMS  float64 `json:"photo_ms,omitempty"`
	EncodeMS float64 `json:"encode_ms,omitempty"`
}

// score is what boxes must have: at less, random weights find thousands of things.
const score = 0.75

func (c yoloCommand) Run() error {
	if c.Runs < 1 {
		return fmt.Errorf("--runs=%d: it must be at least 1", c.Runs)
	}
	if c.Peer == "" {
		return c.measure()
	}
	f, err := os.Open(c.Cfg)
	if err != nil {
		return err
	}
	defer f.Close()
	config, err := darknet.ParseConfig(f, c.settings()...)
	if err != nil {
		return err
	}
	size, runs := fmt.Sprint(config.Width), fmt.Sprint(c.Runs)
	ours, err := us(name, "yolo", "--cfg="+c.Cfg, "--weights="+c.Weights, "--size="+size, "--runs="+runs, "--photo="+c.Photo)
	if err != nil {
		return err
	}
	other := peer(c.Peer, "yolo_opencv.py", c.Cfg, c.Weights, size, runs)
	if c.Peer == "onnxruntime" {
		const variable = "GOPHERLENS_YOLO_ONNX"
		model := os.Getenv(variable)
		if model == "" {
			return errors.New("the peer reads the network from another file: set " + variable + " to one that make_onnx.py, of the peers' scripts, has made for this size")
		}
		if model, err = filepath.Abs(model); err != nil {
			return err
		}
		other = peer(c.Peer, "yolo_onnxruntime.py", model, size, runs, fmt.Sprint(runtime.GOMAXPROCS(0)))
	}
	keys := []string{"min_ms"}
	if c.Peer == "onnxruntime" && c.photo() != "" {
		keys = append(keys, boxesKey)
	}
	return inTurn(c.Turns, keys, ours, other)
}

func (c yoloCommand) settings() []darknet.Option {
	if c.Size == 0 {
		return nil
	}
	return []darknet.Option{darknet.Resize(c.Size, c.Size)}
}

// measure computes here and prints the result.
func (c yoloCommand) measure() error {
	if _, err := newBackend(); err != nil {
		return err
	}
	begin := time.Now()
	m, err := yolo.Open(c.Cfg, c.Weights, nil, yolo.DarknetEpsilon, c.settings()...)
	if err != nil {
		return err
	}
	defer m.Close()
	r := yoloResult{Peer: name, Size: m.Config.Width, Threads: runtime.GOMAXPROCS(0), LoadS: time.Since(begin).Seconds()}
	x := make([]float32, m.Config.Height*m.Config.Width*m.Config.Channels)
	for i := range x {
		x[i] = float32(float64(uint32(i)*2654435761) / (1 << 32))
	}
	var times []time.Duration
	for range 1 + c.Runs {
		begin := time.Now()
		if _, err := m.Forward(x, 1); err != nil {
			return err
		}
		times = append(times, time.Since(begin))
	}
	r.FirstMS = times[0].Seconds() * 1e3
	r.MinMS, r.MedianMS = milliseconds(times[1:])
	if r.PeakRSSMB, err = peakRSS(); err != nil {
		return err
	}
	if path := c.photo(); path != "" {
		if err := c.measurePhoto(m, path, &r); err != nil {
			return err
		}
	}
	r.WallS = time.Since(started).Seconds()
	return json.NewEncoder(os.Stdout).Encode(r)
}

// photo is the one to find things in, or "" if there is none.
func (c yoloCommand) photo() string {
	const beside = "../shared/data/images/dog.jpg"
	if _, err := os.Stat(beside); c.Photo == "" && err == nil {
		return beside
	}
	return c.Photo
}

// measurePhoto measures what is done with a photo, here and by the command.
func (c yoloCommand) measurePhoto(m *yolo.Model, path string, r *yoloResult) error {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "yolo")
	build := exec.Command("go", "build", "-o", program, "./mlkit/yolo/cmd/yolo")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the command: %w", err)
	}
	n := m.Config
	input := make([]float32, n.Height*n.Width*n.Channels)
	options := detection.Options{Score: score}
	var heads [][]float32
	var photos, encodes []time.Duration
	for range c.Runs {
		begin := time.Now()
		img, err := photo.Open(path)
		if err != nil {
			return err
		}
		mapping := photo.Into(input, img, n.Width, n.Height, photo.Letterbox, photo.Darknet)
		took := time.Since(begin)
		if heads == nil {
			if heads, err = m.Forward(input, 1); err != nil {
				return err
			}
		}
		begin = time.Now()
		found, err := m.Decode(heads, mapping, options)
		if err != nil {
			return err
		}
		drawn := detection.Draw(img, found, detection.DrawOptions{})
		photos = append(photos, took+time.Since(begin))
		begin = time.Now()
		if err := jpeg.Encode(io.Discard, drawn, &jpeg.Options{Quality: 92}); err != nil {
			return err
		}
		encodes = append(encodes, time.Since(begin))
	}
	for range 2 { // the first time the program itself, just built, has to be fetched into memory
		detect := exec.Command(program, "detect", "--cfg="+c.Cfg, "--weights="+c.Weights, fmt.Sprint("--size=", n.Width),
			fmt.Sprint("--score=", score), "--output="+filepath.Join(folder, "boxes.jpg"), path)
		begin := time.Now()
		if out, err := detect.CombinedOutput(); err != nil {
			return fmt.Errorf("the command: %w: %s", err, out)
		}
		r.BoxesS = time.Since(begin).Seconds()
	}
	r.PhotoMS, _ = milliseconds(photos)
	r.EncodeMS, _ = milliseconds(encodes)
	return nil
}
