//go:build unix

// Bench measures the digit lesson's network, alone or in turn with a peer; see scripts/bench.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"gopherlens/mlkit/mnist"
	"gopherlens/mlkit/nn"
)

// started is as near to the start of the process as Go code comes.
var started = time.Now()

// result is what a run measured: the line that the peers' scripts print too.
type result struct {
	Peer          string  `json:"peer"`
	Seed          int64   `json:"seed"`
	ImportS       float64 `json:"import_s"`       // until the program's own work begins
	FitS          float64 `json:"fit_s"`          // training, with the validations
	Predict10kS   float64 `json:"predict10k_s"`   // the 10,000 test digits
	WallS         float64 `json:"wall_s"`         // the whole program
	FinalAccuracy float64 `json:"final_accuracy"` // on the test digits, after the last epoch
	BestAccuracy  float64 `json:"best_accuracy"`  // after the best one
	PeakRSSMB     int64   `json:"peak_rss_mb"`
}

type command struct {
	Mnist mnistCommand `cmd:"" help:"Train the digit lesson's network."`
}

type mnistCommand struct {
	Seed int64  `help:"Decides the initial weights and the order of the digits."`
	Runs int    `help:"How often to measure." default:"1"`
	Peer string `help:"Run keras or torch in turn." enum:",keras,torch" default:""`
	Here bool   `hidden:"" help:"Measure in this process."`
}

func main() {
	c := kong.Parse(&command{}, kong.Name("scripts/bench"), kong.Description("Measures the digit lesson's network."))
	if err := c.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Run measures in processes of their own, so that a run owes nothing to the one before.
func (c mnistCommand) Run() error {
	folder, err := findDigits()
	if err != nil {
		return err
	}
	if c.Here {
		return c.measure()
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ours := []string{self, "mnist", "--here", fmt.Sprintf("--seed=%d", c.Seed)}
	var theirs []string
	if c.Peer != "" {
		if folder == "" {
			return errors.New("the peer reads the digits from a folder: set GOPHERLENS_MNIST to one with the four .gz files")
		}
		script := filepath.Join(or(os.Getenv("GOPHERLENS_PEERS"), "../shared/peers"), "mnist_"+c.Peer+".py")
		theirs = []string{or(os.Getenv("GOPHERLENS_PEER_PYTHON"), "python3"), script, folder, fmt.Sprint(c.Seed)}
	}
	var ourTimes, theirTimes []float64
	for range c.Runs {
		r, err := run(ours)
		if err != nil {
			return err
		}
		ourTimes = append(ourTimes, r.FitS)
		if theirs == nil {
			continue
		}
		if r, err = run(theirs); err != nil {
			return err
		}
		theirTimes = append(theirTimes, r.FitS)
	}
	if theirs != nil {
		us, them := slices.Min(ourTimes), slices.Min(theirTimes)
		fmt.Printf("fit: gopherlens %.1f s, %s %.1f s, ratio of the fastest runs %.2f\n", us, c.Peer, them, us/them)
	}
	return nil
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

// run runs a program that prints a result, and prints it too.
func run(command []string) (result, error) {
	var r result
	var out bytes.Buffer
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		return r, fmt.Errorf("%s: %w", filepath.Base(command[0]), err)
	}
	line := bytes.TrimSpace(out.Bytes())
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("%s printed %q, not a result: %w", filepath.Base(command[0]), line, err)
	}
	fmt.Printf("%s\n", line)
	return r, nil
}

// measure trains the network here and prints the result.
func (c mnistCommand) measure() error {
	imported := time.Now()
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

	r := result{Peer: "gopherlens", Seed: c.Seed, ImportS: imported.Sub(started).Seconds()}
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
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	r.PeakRSSMB = int64(usage.Maxrss) / 1024
	if runtime.GOOS == "darwin" { // counts in bytes
		r.PeakRSSMB /= 1024
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// or is a text, or its default where there is none.
func or(text, byDefault string) string {
	if text == "" {
		return byDefault
	}
	return text
}
