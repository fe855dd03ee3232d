package result_test

import "gopherlens/mlkit/cell/result"

// What the kernel makes of a cell that ends with 6*7, when it runs elsewhere.
func Example() {
	result.Value = 6 * 7
	result.Show()
	// Output: 42
}
