//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/mnist"
	"gopherlens/mlkit/nn"
)

type mnistCommand struct {
	Seed  int64  `help:"Decides the initial weights and the order of the digits."`
	Runs  int    `help:"How often to measure." default:"1"`
	Peer  string `help:"Run keras or torch in turn." enum:",keras,torch" default:""`
	Burn  bool   `help:"Run in turn with a core kept busy by another process."`
	Cores bool   `help:"Run in turn with one thread (GOMAXPROCS=1)."`
	Here  string `hidden:"" help:"Measure in this process, and call it so."`
}

// mnistResult has the peers' keys, and more.
type mnistResult struct {
	Peer          string  `json:"peer"`
	Seed          int64   `json:"seed"`
	Threads       int     `json:"threads"`
	ImportS       float64 `json:"import_s"`       // until the program's own work begins
	FitS          float64 `json:"fit_s"`          // training, with the validations
	Predict10kS   float64 `json:"predict10k_s"`   // the 10,000 test digits
	WallS         float64 `json:"wall_s"`         // the whole program, but for counting allocations
	FinalAccuracy float64 `json:"final_accuracy"` // on the test digits, after the last epoch
	BestAccuracy  float64 `json:"best_accuracy"`  // after the best one
	PeakRSSMB     int64   `json:"peak_rss_mb"`
	StepAllocs    float64 `json:"step_allocs"`      // Go's, in a step of training once the first ones are over
	StepBytes     float64 `json:"step_alloc_bytes"` // theirs
}

func (c mnistCommand) Run() error {
	folder, err := findDigits()
	if err != nil {
		return err
	}
	if c.Here != "" {
		return c.measure()
	}
	var contenders []contender
	for _, variant := range []struct {
		name   string
		wanted bool
		env    []string
		burn   bool
	}{
		{name, true, nil, false},
		{name + " beside a busy process", c.Burn, nil, true},
		{name + " with one thread", c.Cores, []string{"GOMAXPROCS=1"}, false},
	} {
		if variant.wanted {
			ours, err := us(variant.name, "mnist", "--here="+variant.name, fmt.Sprintf("--seed=%d", c.Seed))
			if err != nil {
				return err
			}
			ours.env, ours.burn = variant.env, variant.burn
			contenders = append(contenders, ours)
		}
	}
	if c.Peer != "" {
		if folder == "" {
			return errors.New("the peer reads the digits from a folder: set GOPHERLENS_MNIST to one with the four .gz files")
		}
		contenders = append(contenders, peer(c.Peer, "mnist_"+c.Peer+".py", folder, fmt.Sprint(c.Seed)))
	}
	return inTurn(c.Runs, []string{"fit_s"}, contenders...)
}

// findDigits says where the digits are: in a folder, or, where it is "", in the cache.
func findDigits() (string, error) {
	const variable, beside = "GOPHERLENS_MNIST", "../shared/data/mnist"
	folder := os.Getenv(variable)
	if _, err := os.Stat(beside); folder == "" && err == nil {
		folder = beside
	}
	if folder == "" {
		return "", nil
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	return folder, os.Setenv(variable, folder)
}

// measure trains the network here and prints the result.
func (c mnistCommand) measure() error {
	imported := time.Now()
	if _, err := newBackend(); err != nil {
		return err
	}
	digits, err := mnist.Load()
	if err != nil {
		return err
	}
	xTrain := digits.TrainImages.Slice(0, 6000).Reshape(-1, 28, 28, 1).Div(255)
	yTrain := nn.ToCategorical(digits.TrainLabels.Slice(0, 6000), 10)
	xTest := digits.TestImages.Reshape(-1, 28, 28, 1).Div(255)
	yTest := nn.ToCategorical(digits.TestLabels, 10)
	model := nn.Sequential("",
		nn.Conv2D{Filters: 32, KernelSize: nn.Size{3, 3}, Activation: nn.ReLU, InputShape: nn.Shape{28, 28, 1}},
		nn.MaxPooling2D{PoolSize: nn.Size{2, 2}},
		nn.Conv2D{Filters: 64, KernelSize: nn.Size{2, 2}, Activation: nn.ReLU},
		nn.MaxPooling2D{PoolSize: nn.Size{2, 2}},
		nn.Flatten{},
		nn.Dense{Units: 128, Activation: nn.ReLU},
		nn.Dropout{Rate: 0.4},
		nn.Dense{Units: 10, Activation: nn.Softmax},
	).Compile(nn.Adam{}, nn.CategoricalCrossentropy, nn.Accuracy)

	r := mnistResult{Peer: c.Here, Seed: c.Seed, Threads: runtime.GOMAXPROCS(0), ImportS: imported.Sub(started).Seconds()}
	t := time.Now()
	history, err := model.Fit(xTrain, yTrain, nn.FitOptions{
		Epochs: 10, ValidationX: xTest, ValidationY: yTest, Seed: c.Seed, Output: os.Stderr,
	})
	if err != nil {
		return err
	}
	r.FitS = time.Since(t).Seconds()
	t = time.Now()
	if _, err := model.Predict(xTest); err != nil {
		return err
	}
	r.Predict10kS = time.Since(t).Seconds()
	accuracy := history["val_accuracy"]
	r.FinalAccuracy, r.BestAccuracy = accuracy[len(accuracy)-1], slices.Max(accuracy)
	r.WallS = time.Since(started).Seconds()
	if r.PeakRSSMB, err = peakRSS(); err != nil {
		return err
	}
	if r.StepAllocs, r.StepBytes, err = stepAllocations(model, xTrain, yTrain); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// stepAllocations counts what a training step allocates: the difference between a long second epoch and a short one,
// as every epoch has allocations of its own.
func stepAllocations(model *nn.Model, x, y *array.Array) (allocations, bytes float64, err error) {
	const batch, short, long = 32, 20, 120
	secondEpoch := func(steps int) (allocations, bytes float64, err error) {
		var ends [2]runtime.MemStats
		_, err = model.Fit(x.Slice(0, batch*steps), y.Slice(0, batch*steps), nn.FitOptions{
			Epochs: 2, BatchSize: batch, Quiet: true,
			Callbacks: []nn.Callback{nn.OnEpoch(func(epoch int, _ nn.History) { runtime.ReadMemStats(&ends[epoch]) })},
		})
		return float64(ends[1].Mallocs - ends[0].Mallocs), float64(ends[1].TotalAlloc - ends[0].TotalAlloc), err
	}
	n, size, err := secondEpoch(long)
	if err != nil {
		return 0, 0, err
	}
	n0, size0, err := secondEpoch(short)
	return (n - n0) / (long - short), (size - size0) / (long - short), err
}
