package download_test

import (
	"context"
	"fmt"
	"os"

	"gopherlens/mlkit/mnist"
	"gopherlens/mlkit/mnist/download"
)

// A program fetches what is not there yet, and loads it.
func Example() {
	if err := download.Fetch(context.Background(), os.Stdout); err != nil {
		fmt.Println(err)
	}
	fmt.Println(mnist.LoadOrSynthetic())
}
