// A program as GoNB makes of a cell, for the test of how a cell ends: its argument says how.
package main

import (
	"errors"
	"fmt"
	"os"

	"gopherlens/mlkit/cell"
)

func main() {
	cell.Check(nil)
	fmt.Println("before")
	switch os.Args[1] {
	case "check":
		cell.Check(errors.New("there is no file <digits>"))
	case "must":
		cell.Show(cell.Must(0, errors.New("there is no file <digits>")))
	}
	cell.Show(cell.Must(42, nil))
}
