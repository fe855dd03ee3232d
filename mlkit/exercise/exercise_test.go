package exercise

import (
	"fmt"
	"strings"
	"testing"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

func Example() {
	Register(Exercise{"answer", []Rule{
		{"it is a number", func(answer any) string {
			if _, ok := answer.(int); !ok {
				return fmt.Sprintf("yours is %v", answer)
			}
			return ""
		}, "Write it in digits."},
		{"it is 42", func(answer any) string {
			if answer != 42 {
				return fmt.Sprintf("yours is %v", answer)
			}
			return ""
		}, "Six times seven."},
	}})
	fmt.Println(Judge("answer", TODO))
	fmt.Println(Judge("answer", 41))
	fmt.Println(Judge("answer", 42))
	// Output:
	// ○ answer: this TODO is not filled in yet.
	// Hint: Write it in digits.
	// ✓ it is a number
	// ✗ it is 42 – not yet: yours is 41.
	// Hint: Six times seven.
	// ✓ it is a number
	// ✓ it is 42
	// Right: answer.
}

// faultOf is the fault that f ends in.
func faultOf(f func()) (s string) {
	defer func() {
		if e, ok := recover().(*fault.Error); ok {
			s = e.Sentence
		}
	}()
	f()
	return ""
}

func TestMistakesOfATeacher(t *testing.T) {
	if s := faultOf(func() { Register(Exercise{ID: "empty"}) }); !strings.Contains(s, "empty") {
		t.Errorf("an exercise without rules: %q", s)
	}
	if s := faultOf(func() { Judge("no such", 1) }); !strings.Contains(s, "no such") || !strings.Contains(s, "xTrain4D") {
		t.Errorf("an exercise that is not there: %q", s)
	}
}

func TestUnfilled(t *testing.T) {
	var none *array.Array
	for name, answer := range map[string]any{
		"nothing": nil, "a nil array": none, "a TODO": array.TODO("xTrain4D"), "the TODO of a cell": TODO,
	} {
		if v := Judge("xTrain4D", answer); !v.Unfilled || v.Right || !strings.Contains(v.Missing, "not filled in") {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if v := Judge("xTrainNorm", array.TODO("xTrain4D")); !v.Unfilled || !strings.Contains(v.Missing, "xTrain4D is still a TODO") {
		t.Errorf("an answer that rests on another TODO: %+v", v)
	}
}

// model is a model as Config tells it.
type model []map[string]any

func (m model) Config() map[string]any {
	return map[string]any{"class_name": "Sequential", "name": "digits", "layers": []map[string]any(m)}
}

func TestLayers(t *testing.T) {
	conv := func(filters, size int, activation string, input []int) map[string]any {
		return map[string]any{"class_name": "Conv2D", "filters": filters, "kernel_size": []int{size, size}, "activation": activation, "input_shape": input}
	}
	first := conv(32, 3, "relu", []int{28, 28, 1})
	pool := map[string]any{"class_name": "MaxPooling2D", "pool_size": []int{2, 2}}
	unfilled := func(name string) map[string]any { return map[string]any{"class_name": "TODO", "name": name} }
	for _, test := range []struct {
		id      string
		answer  model
		missing string // part of what the verdict says; "" for a right answer
	}{
		{"withConv1", model{first}, ""},
		{"withConv1", model{}, "no layer"},
		{"withConv1", model{first, pool}, "2 layers"},
		{"withConv1", model{conv(3, 32, "relu", []int{28, 28, 1})}, "32 filters – not yet: yours says 3"},
		{"withConv1", model{conv(32, 5, "relu", []int{28, 28, 1})}, "3×3 – not yet: yours says 5×5"},
		{"withConv1", model{conv(32, 3, "linear", []int{28, 28, 1})}, "yours says nothing"},
		{"withConv1", model{conv(32, 3, "relu", nil)}, "yours says nothing"},
		{"withConv1", model{unfilled("withConv1")}, "not filled in"},
		{"withPool1", model{first, pool}, ""},
		{"withPool1", model{pool}, "before it"},
		{"withPool1", model{unfilled("withConv1"), pool}, "withConv1 is still a TODO"},
		{"withPool1", model{pool, pool}, "layer 1 of yours is MaxPooling2D"},
		{"started", model{}, ""},
		{"started", model{first}, "1"},
		{"model", model{first, pool}, "2 layers in place of 8"},
	} {
		v := Judge(test.id, test.answer)
		if v.Right != (test.missing == "") || !strings.Contains(v.Missing, test.missing) {
			t.Errorf("%s of %v: %+v, want %q", test.id, test.answer, v, test.missing)
		}
	}
	for id, method := range map[string]any{"shape of xTrain": array.Zeros(array.Uint8, 1).Shape, "summary": func() string { return "" }} {
		if v := Judge(id, method); v.Right || !strings.Contains(v.Missing, "parentheses") {
			t.Errorf("%s, not called: %+v", id, v)
		}
	}
	if v := Judge("started", "digits"); v.Right {
		t.Error("a text passes for a model")
	}
}

func TestHistory(t *testing.T) {
	full := func(n int, last float64) map[string][]float64 {
		h := map[string][]float64{}
		for i := range n {
			h["loss"] = append(h["loss"], 1/float64(i+1))
			h["val_accuracy"] = append(h["val_accuracy"], last)
		}
		return h
	}
	type named map[string][]float64 // as nn.History is
	for want, answer := range map[string]any{
		"":                   named(full(10, 0.98)),
		"no epoch has run":   named{},
		"yours ran 3":        full(3, 0.98),
		"no validation":      map[string][]float64{"loss": make([]float64, 10)},
		"yours reads 40.0 %": full(10, 0.4),
		"the number 3":       3,
	} {
		if v := Judge("history", answer); v.Right != (want == "") || !strings.Contains(v.Missing, want) {
			t.Errorf("%v: %+v, want %q", answer, v, want)
		}
	}
}

// A verdict is shown as HTML: whatever an answer holds is text there.
func TestVerdictEscapes(t *testing.T) {
	if h := Judge("show xTrain", `<script>alert(1)</script>`).HTML(); strings.Contains(h, "<script") || !strings.Contains(h, "&lt;script") {
		t.Errorf("not escaped: %s", h)
	}
}
