package nn

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"
	"sync"

	"github.com/gomlx/gomlx/ml/model"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/backend"
)

// ErrInterrupted is what [Model.Fit] returns with the history so far when it was interrupted (Ctrl+C, or the
// stop button of a notebook). What was learnt until then is kept.
var ErrInterrupted = errors.New("training was interrupted; what was learnt until then is kept")

// FitOptions says how [Model.Fit] trains. The zero value trains one epoch in batches of 32.
type FitOptions struct {
	// Epochs is how often the model sees all samples; once if left out.
	Epochs int
	// BatchSize is after how many samples the weights are changed; 32 if left out. The last batch of an epoch
	// may have fewer.
	BatchSize int
	// ValidationX and ValidationY are samples and labels on which the model is evaluated after every epoch.
	ValidationX, ValidationY *array.Array
	// Seed decides the initial weights, the order of the samples and what dropout switches off. The same seed
	// gives the same history, number for number, on the same machine and backend.
	Seed int64
	// NoShuffle takes the samples in their order; otherwise every epoch has an order of its own.
	NoShuffle bool
	// Continue goes on from what the model has learnt, for Epochs more epochs, as if it had not been
	// interrupted. Otherwise Fit begins anew, so that running it twice gives the same result.
	Continue bool
	// Callbacks are told after every epoch how it goes.
	Callbacks []Callback
	// Quiet writes no progress.
	Quiet bool
	// Output is where progress is written; standard output if left out.
	Output io.Writer
}

// Fit trains the model with samples x, [samples, …], and their labels y, and returns what it reported.
//
// The losses and metrics of an epoch are means over its samples, measured while the weights changed; those of
// the validation are measured at its end. The model is saved after every epoch if it has a name.
//
// Fit begins anew unless FitOptions.Continue is set. If it is interrupted it stops after the batch, keeps what
// was learnt, and returns the history so far with [ErrInterrupted]. If the loss is no longer a number, or a
// million times what it was at first, it stops with an error and keeps the weights of the last good epoch.
func (m *Model) Fit(x, y *array.Array, options FitOptions) (History, error) {
	o := options
	if o.Epochs == 0 {
		o.Epochs = 1
	}
	if o.BatchSize == 0 {
		o.BatchSize = 32
	}
	if o.Output == nil {
		o.Output = os.Stdout
	}
	if o.Epochs < 0 || o.BatchSize < 0 {
		return nil, fmt.Errorf("Fit needs at least 1 epoch and 1 sample a batch, not %d and %d", o.Epochs, o.BatchSize)
	}
	s, err := m.prepare(x, y, o)
	if err != nil {
		return nil, err
	}
	t := &training{m: m, s: s, o: o, x: x, y: y}
	if err := t.begin(); err != nil {
		return nil, err
	}
	defer t.close()
	return t.run()
}

// prepare checks everything that can be wrong, and gives the model its weights.
func (m *Model) prepare(x, y *array.Array, o FitOptions) (*state, error) {
	layers, err := m.check("x", x, "y", y)
	if err != nil {
		return nil, err
	}
	if o.ValidationX != nil || o.ValidationY != nil {
		if _, err := m.check("ValidationX", o.ValidationX, "ValidationY", o.ValidationY); err != nil {
			return nil, err
		}
		if err := checkSamples("ValidationX", o.ValidationX, layers[0]); err != nil {
			return nil, err
		}
	}
	for _, c := range o.Callbacks {
		if err := c.check(m.reported(o.ValidationX != nil)); err != nil {
			return nil, err
		}
	}
	if !o.Continue {
		return initialState(layers, o.Seed)
	}
	s, err := m.learnt()
	if err != nil {
		return nil, err
	}
	return s, checkSamples("x", x, s.layers[0])
}

// reported are the names of the values that training reports.
func (m *Model) reported(validation bool) []string {
	names := []string{"loss"}
	for _, metric := range m.metrics {
		names = append(names, string(metric))
	}
	if validation {
		for _, name := range names {
			names = append(names, "val_"+name)
		}
	}
	return names
}

// training is one run of Fit.
type training struct {
	m    *Model
	s    *state
	o    FitOptions
	x, y *array.Array

	step, evaluation *model.Exec
	batch, evalBatch *batch
	progress         *progress
	interrupt        chan os.Signal
	epochEnds        []func(int, History, snapshot) bool
	ends             []func() snapshot
	firstLoss        float64
}

func (t *training) begin() (err error) {
	if t.step, err = t.m.trainer(t.s); err != nil {
		return err
	}
	in, label := t.s.input(), Shape(t.y.Shape()[1:])
	t.batch = newBatch(min(t.o.BatchSize, t.x.Shape()[0]), in, label)
	if v := t.o.ValidationX; v != nil {
		if t.evaluation, err = t.m.evaluator(t.s); err != nil {
			return err
		}
		t.evalBatch = newBatch(min(evaluationBatch, v.Shape()[0]), in, label)
	}
	for _, c := range t.o.Callbacks {
		epochEnd, end := c.begin()
		t.epochEnds, t.ends = append(t.epochEnds, epochEnd), append(t.ends, end)
	}
	steps := (t.x.Shape()[0] + t.batch.size - 1) / t.batch.size
	t.progress = &progress{out: t.o.Output, live: isLive(t.o.Output), epochs: t.s.history.Epochs() + t.o.Epochs, steps: steps}
	if t.o.Quiet {
		t.progress.out, t.progress.live = io.Discard, false
	} else if note := backend.Note(); note != "" {
		noteOnce.Do(func() { fmt.Fprintln(t.o.Output, note) })
	}
	t.interrupt = make(chan os.Signal, 1)
	signal.Notify(t.interrupt, os.Interrupt)
	return nil
}

func (t *training) close() {
	signal.Stop(t.interrupt)
	t.step.Finalize()
	if t.evaluation != nil {
		t.evaluation.Finalize()
	}
}

// run trains epoch after epoch.
func (t *training) run() (History, error) {
	h := t.s.history
	before := h.Epochs()
	good, err := t.s.snapshot()
	for epoch := before; err == nil && epoch < before+t.o.Epochs; epoch++ {
		var values []value
		if values, err = t.epoch(epoch); err != nil {
			t.progress.breakOff()
			return h.clone(), t.broken(err, epoch, good)
		}
		for _, v := range values {
			h[v.name] = append(h[v.name], v.value)
		}
		if good, err = t.s.snapshot(); err != nil {
			break
		}
		if err = t.m.keep(t.s, good); err != nil {
			break
		}
		stop := false
		for _, epochEnd := range t.epochEnds {
			stop = epochEnd(epoch, h, good) || stop
		}
		if stop {
			break
		}
	}
	for _, end := range t.ends {
		if best := end(); best != nil && err == nil {
			err = errors.Join(t.m.keep(t.s, best), t.s.restore(best))
		}
	}
	return h.clone(), err
}

// broken keeps what can be kept when an epoch did not come to its end.
func (t *training) broken(err error, epoch int, good snapshot) error {
	var exploded *explodedError
	if errors.Is(err, ErrInterrupted) {
		now, failed := t.s.snapshot()
		if failed != nil {
			return failed
		}
		if failed := t.m.keep(t.s, now); failed != nil {
			return failed
		}
	} else if errors.As(err, &exploded) && epoch > 0 {
		err = fmt.Errorf("%w; the weights of epoch %d are kept", err, epoch)
		if failed := t.s.restore(good); failed != nil {
			return failed
		}
	}
	return err
}

// epoch trains with all samples once and evaluates the model then.
func (t *training) epoch(epoch int) ([]value, error) {
	seed := rand.New(rand.NewPCG(uint64(t.o.Seed), uint64(epoch)))
	order := make([]int, t.x.Shape()[0])
	for i := range order {
		order[i] = i
	}
	if !t.o.NoShuffle {
		seed.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	// What dropout draws in an epoch depends on the seed and on the epoch only.
	if err := t.s.store.SetRNGStateFromSeed(seed.Int64()); err != nil {
		return nil, err
	}
	t.progress.begin(epoch)
	sums := newMeans(t.m.reported(false))
	step := 0
	for from := 0; from < len(order); from += t.batch.size {
		rows := order[from:min(from+t.batch.size, len(order))]
		t.batch.fill(t.x, t.y, rows)
		scores, err := t.s.score(t.step, t.batch)
		if err != nil {
			return nil, err
		}
		step++
		if err := t.checkLoss(scores[0]/float64(len(rows)), epoch, step); err != nil {
			return nil, err
		}
		sums.add(scores, len(rows))
		t.progress.step(step, sums.values(""))
		if err := t.interrupted(); err != nil {
			return nil, err
		}
	}
	values := sums.values("")
	if t.evaluation != nil {
		validation, err := t.s.evaluate(t.m, t.evaluation, t.evalBatch, t.o.ValidationX, t.o.ValidationY, t.interrupted)
		if err != nil {
			return nil, err
		}
		values = append(values, validation.values("val_")...)
	}
	t.progress.end(step, values)
	return values, nil
}

// interrupted is ErrInterrupted if somebody has asked to stop.
func (t *training) interrupted() error {
	select {
	case <-t.interrupt:
		return ErrInterrupted
	default:
		return nil
	}
}

// explodedError is a loss that is not a number any more, or far too large.
type explodedError struct{ sentence string }

func (e *explodedError) Error() string { return e.sentence }

func (t *training) checkLoss(loss float64, epoch, step int) error {
	if t.firstLoss == 0 && !math.IsNaN(loss) {
		t.firstLoss = math.Max(loss, 1)
	}
	if math.IsNaN(loss) || loss > 1e6*t.firstLoss {
		return &explodedError{fmt.Sprintf("training stopped in epoch %d at batch %d because the loss became %v: try a smaller learning rate, and samples that are normalised (for instance to 0 … 1)",
			epoch+1, step, loss)}
	}
	return nil
}

// noteOnce sees to it that a process tells the note about its backend once.
var noteOnce sync.Once
