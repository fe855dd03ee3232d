// A program as GoNB makes of cells, for the test of how a mistake ends one: its argument says where the
// mistake is made.
package main

import (
	"fmt"
	"os"

	"gopherlens/mlkit/internal/fault"
)

var topLevel = reshape("in a var", 6000, 784)

func reshape(where string, dims ...int) []int {
	if where == os.Args[1] {
		fault.Panicf("6000×28×28 numbers do not fit into the shape %v", dims) // the learner's line
	}
	return dims
}

func main() {
	fmt.Println("before")
	reshape("in a statement", 1, 2)
	fmt.Println("after")
}
