package zoo_test

import (
	"errors"
	"fmt"

	"gopherlens/mlkit/yolo/zoo"
)

func Example() {
	for _, e := range zoo.Entries {
		switch _, err := zoo.Find(e.Name); {
		case e.Within():
			fmt.Printf("%s needs no files and knows %d classes\n", e.Name, len(e.Classes()))
		case errors.Is(err, zoo.ErrAbsent):
			// package download fetches it
		}
	}
	fmt.Println(zoo.First("no such network", "shapes"))
	// Output:
	// shapes needs no files and knows 15 classes
	// shapes
}
