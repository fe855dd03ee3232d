// A program as GoNB makes of a cell, for the tests of how a cell ends: its argument says how.
package main

import (
	"errors"
	"fmt"
	"os"

	"gopherlens/mlkit/cell"
	"gopherlens/mlkit/internal/fault"
)

var way = os.Args[1]

var topLevel = reshape("in a var", 6000, 784)

func reshape(when string, dims ...int) []int {
	if when == way {
		fault.Panicf("6000×28×28 numbers do not fit into the shape %v", dims)
	}
	return dims
}

func main() {
	fmt.Println("before")
	switch way {
	case "check":
		cell.Check(nil)
		cell.Check(errors.New("there is no file <digits>"))
	case "must":
		cell.Show(cell.Must(42, nil))
		cell.Must(0, errors.New("there is no file <digits>"))
	case "in a statement":
		_ = reshape(way, 1, 2) // the learner's line
	}
	fmt.Println("after")
}
