//go:build unix

package main

import (
	"fmt"
	"testing"
	"time"
)

func TestYOLO(t *testing.T) {
	b, err := newBackend()
	if err != nil {
		t.Fatal(err)
	}
	y, err := newYOLO(b, 416)
	if err != nil {
		t.Fatal(err)
	}
	// What Darknet says of yolov3.cfg at 416×416: 75 convolutions, 65.864 BFLOPs.
	if y.convolutions != 75 || y.operations != 65864075264 {
		t.Errorf("%d convolutions of %d operations, want 75 of 65864075264", y.convolutions, y.operations)
	}
	for i, want := range [][]int{{1, 13, 13, 255}, {1, 26, 26, 255}, {1, 52, 52, 255}} {
		if got := y.heads[i].Shape().Dimensions; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("head %d is %v, want %v", i, got, want)
		}
	}
}

func TestMilliseconds(t *testing.T) {
	ms := func(n ...int) (times []time.Duration) {
		for _, n := range n {
			times = append(times, time.Duration(n)*time.Millisecond)
		}
		return times
	}
	if least, median := milliseconds(ms(7, 1, 4)); least != 1 || median != 4 {
		t.Errorf("the least and the median of 7, 1, 4 are %v, %v", least, median)
	}
	if least, median := milliseconds(ms(7, 1, 4, 2)); least != 1 || median != 3 {
		t.Errorf("the least and the median of 7, 1, 4, 2 are %v, %v", least, median)
	}
}

// A peer's way to the boxes is its load and its first pass.
func Example_inTurn() {
	echo := func(name, result string) contender { return contender{name: name, command: []string{"echo", result}} }
	err := inTurn(1, []string{"min_ms", boxesKey},
		echo("ours", `{"min_ms": 2, "start_to_boxes_s": 1}`), echo("theirs", `{"min_ms": 4, "load_s": 1.5, "first_ms": 500}`))
	fmt.Println(err)
	fmt.Println(inTurn(1, []string{"fit_s"}, echo("ours", `{}`)))
	// Output:
	// {"min_ms": 2, "start_to_boxes_s": 1}
	// {"min_ms": 4, "load_s": 1.5, "first_ms": 500}
	// min_ms: ours 2, theirs 4, ratio of the fastest runs 0.50
	// start_to_boxes_s: ours 1, theirs 2, ratio of the fastest runs 0.50
	// <nil>
	// {}
	// the result of ours has no number fit_s
}
