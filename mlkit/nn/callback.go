package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Callback is told after every epoch how training goes, and may end it: [OnEpoch] or [EarlyStopping].
type Callback interface {
	// check says what is wrong with the callback, for a training that reports these values.
	check(reported []string) error
	// begin starts a training. What it returns is called after every epoch with its number, the history and the
	// weights, and returns true to stop; and in the end, for the weights to keep, nil for the last ones.
	begin() (epochEnd func(epoch int, h History, weights snapshot) (stop bool), end func() snapshot)
}

// OnEpoch calls f after every epoch, with the epoch's number from 0 on and all values until then: for curves
// that grow while the model learns.
func OnEpoch(f func(epoch int, h History)) Callback { return onEpoch(f) }

type onEpoch func(int, History)

func (f onEpoch) check([]string) error { return nil }

func (f onEpoch) begin() (func(int, History, snapshot) bool, func() snapshot) {
	return func(epoch int, h History, _ snapshot) bool { f(epoch, h.clone()); return false },
		func() snapshot { return nil }
}

// EarlyStopping ends the training when a value has stopped getting better.
type EarlyStopping struct {
	// Monitor is the name of the value; "val_loss" if left out.
	Monitor string
	// MinDelta is how much better a value has to be to count.
	MinDelta float64
	// Patience is how many epochs without anything better end the training; the first one if left out.
	Patience int
	// RestoreBestWeights takes the weights of the best epoch in the end, in place of the last ones.
	RestoreBestWeights bool
}

func (e EarlyStopping) monitor() string {
	if e.Monitor == "" {
		return "val_loss"
	}
	return e.Monitor
}

func (e EarlyStopping) check(reported []string) error {
	if slices.Contains(reported, e.monitor()) {
		return nil
	}
	if strings.HasPrefix(e.monitor(), "val_") && slices.Contains(reported, e.monitor()[4:]) {
		return fmt.Errorf("EarlyStopping watches %s, but there is no validation: give Fit ValidationX and ValidationY", e.monitor())
	}
	return fmt.Errorf("EarlyStopping watches %s, but this training only reports %s", e.monitor(), strings.Join(reported, ", "))
}

func (e EarlyStopping) begin() (func(int, History, snapshot) bool, func() snapshot) {
	best, since := math.Inf(1), 0
	var kept snapshot
	epochEnd := func(_ int, h History, weights snapshot) bool {
		values := h[e.monitor()]
		v := values[len(values)-1]
		if strings.HasSuffix(e.monitor(), string(Accuracy)) {
			v = -v // more is better
		}
		if since++; v < best-e.MinDelta {
			best, since = v, 0
			if e.RestoreBestWeights {
				kept = weights
			}
		}
		return since > 0 && since >= e.Patience
	}
	return epochEnd, func() snapshot { return kept }
}
