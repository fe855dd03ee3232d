package fetch_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"gopherlens/mlkit/fetch"
)

// The first mirror wants something else of us, so the second one is asked.
func ExampleFile() {
	moved := httptest.NewServer(http.NotFoundHandler())
	defer moved.Close()
	good := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "person\nbicycle\ncar\n")
	}))
	defer good.Close()

	cache, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(cache)

	path, err := fetch.File(context.Background(), fetch.Source{
		Name:   "classes.names",
		Title:  "names of the classes",
		URLs:   []string{moved.URL, good.URL},
		Size:   19,
		SHA256: "7be52ec8f299176d3e99a8ace5736c26626292d5db82c95a399059017b9d4611",
	}, fetch.Options{Dir: cache, Progress: os.Stdout})
	if err != nil {
		fmt.Println(err)
		return
	}
	names, err := os.ReadFile(path)
	fmt.Print(string(names), err)
	// Output:
	// names of the classes: 19 bytes
	// person
	// bicycle
	// car
	// <nil>
}
