package plot

import (
	"math"
	"strconv"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

// maxClasses bounds how many classes a picture tells apart.
const maxClasses = 100

// classNumbers are the labels in an array of shape [n], on behalf of the function called name, which
// calls the array what.
func classNumbers(name, what string, a *array.Array) []int {
	if a.Dims() == 2 {
		fault.Panicf("plot.%s needs the %s classes as an array of numbers of shape (n,), and it has the shape %s: take the most probable of each row with ArgMaxAxis(1)",
			name, what, tuple(a.Shape()))
	}
	if a.Dims() != 1 || a.Len() == 0 {
		fault.Panicf("plot.%s needs the %s classes as an array of numbers of shape (n,), and it has the shape %s", name, what, tuple(a.Shape()))
	}
	numbers := make([]int, a.Len())
	for i, v := range array.Values[float64](a) {
		if v != math.Trunc(v) || v < 0 || v >= maxClasses {
			fault.Panicf("plot.%s needs the %s classes as whole numbers from 0 to %d, and number %d of them is %g", name, what, maxClasses-1, i, v)
		}
		numbers[i] = int(v)
	}
	return numbers
}

// sameLength checks that there is a predicted class for each actual one.
func sameLength(name string, actual, predicted []int) {
	if len(actual) != len(predicted) {
		fault.Panicf("plot.%s needs as many predicted classes as actual ones, and there are %d and %d", name, len(predicted), len(actual))
	}
}

// className is the name of a class: its number, if it has no other.
func className(classes []string, i int) string {
	if i < len(classes) {
		return classes[i]
	}
	return strconv.Itoa(i)
}
