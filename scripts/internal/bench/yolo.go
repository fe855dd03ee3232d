//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/darknet"
)

type yoloCommand struct {
	Cfg     string `help:"The network, in Darknet's format." required:"" type:"existingfile"`
	Weights string `help:"Its weights." required:"" type:"existingfile"`
	Size    int    `help:"Height and width of the picture; the configuration's if left out."`
	Runs    int    `help:"How many passes to measure, after a first one." default:"10"`
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
}

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
	ours, err := us(name, "yolo", "--cfg="+c.Cfg, "--weights="+c.Weights, "--size="+size, "--runs="+runs)
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
	return inTurn(c.Turns, "min_ms", ours, other)
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
	r.WallS = time.Since(started).Seconds()
	return json.NewEncoder(os.Stdout).Encode(r)
}
