package array_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"gopherlens/mlkit/array"
)

// TestString holds what we print against what NumPy printed: testdata/print.py made the table.
func TestString(t *testing.T) {
	file, err := os.Open("testdata/print.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	count := 0
	for ; lines.Scan(); count++ {
		var c struct {
			DType  string
			Shape  []int
			Values []string
			Want   string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if got := parse(t, c.DType, c.Shape, c.Values).String(); got != c.Want {
			t.Errorf("%s %v of %s:\n%s\nNumPy prints\n%s", c.DType, c.Shape, strings.Join(c.Values, " "), got, c.Want)
		}
	}
	if lines.Err() != nil || count < 500 {
		t.Errorf("read %d lines, error %v", count, lines.Err())
	}
}

// parse makes an array of numbers written as text, repeated as often as the shape needs them.
func parse(t *testing.T, dtype string, shape []int, text []string) *array.Array {
	a := array.Zeros(map[string]array.DType{
		"uint8": array.Uint8, "int": array.Int, "float32": array.Float32, "float64": array.Float64}[dtype], shape...)
	for i := range a.Len() {
		word, err := text[i%len(text)], error(nil)
		switch a.DType() {
		case array.Uint8:
			var v uint64
			v, err = strconv.ParseUint(word, 10, 8)
			array.Values[uint8](a)[i] = uint8(v)
		case array.Int:
			array.Values[int](a)[i], err = strconv.Atoi(word)
		case array.Float32:
			var v float64
			v, err = strconv.ParseFloat(word, 64)
			array.Values[float32](a)[i] = float32(v)
		case array.Float64:
			array.Values[float64](a)[i], err = strconv.ParseFloat(word, 64)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func TestStringOfNothing(t *testing.T) {
	var none *array.Array
	for want, a := range map[string]*array.Array{
		"<nil>": none,
		"xTrain4D is still a TODO: fill in its cell and run it first":           array.TODO("xTrain4D"),
		"this array holds nothing yet: make one with array.From or array.Zeros": {},
	} {
		if got := a.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
