package exercise

import (
	"fmt"
	"reflect"
	"strings"

	"gopherlens/mlkit/array"
)

// shape writes a shape as the lesson does: (6000, 28, 28, 1), and (6000,) where there is one axis.
func shape(dims []int) string {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = fmt.Sprint(d)
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// kind names what an answer is, for somebody who does not know Go's names of types.
func kind(answer any) string {
	switch a := answer.(type) {
	case *array.Array:
		return "an array of shape " + shape(a.Shape())
	case []int:
		return "the list " + shape(a)
	case string:
		return fmt.Sprintf("the text %q", a)
	case int, float64, float32, uint8:
		return fmt.Sprintf("the number %v", a)
	case todo:
		return "nothing"
	}
	if isFunc(answer) {
		return "a function that is not called: parentheses after its name call it"
	}
	return fmt.Sprintf("a value of type %T", answer)
}

// isFunc tells whether an answer is a function, such as a method whose parentheses were forgotten.
func isFunc(answer any) bool { return reflect.ValueOf(answer).Kind() == reflect.Func }

// anArray is the rule that the answer is an array at all.
func anArray(hint string) Rule {
	return Rule{"it is an array", func(answer any) string {
		if a, ok := answer.(*array.Array); !ok || a == nil {
			return "yours is " + kind(answer)
		}
		return ""
	}, hint}
}

// hasShape is the rule that an array has one shape. What it says instead names the axes that differ.
func hasShape(hint string, want ...int) Rule {
	return Rule{"its shape is " + shape(want), func(answer any) string {
		got := answer.(*array.Array).Shape()
		if shape(got) == shape(want) {
			return ""
		}
		if len(got) != len(want) {
			return fmt.Sprintf("yours is %s, which has %s in place of %s", shape(got), dimensions(len(got)), dimensions(len(want)))
		}
		if got[0] != want[0] && shape(got[1:]) == shape(want[1:]) {
			return fmt.Sprintf("yours is %s: %d samples in place of %d; is it the right one of the four arrays?", shape(got), got[0], want[0])
		}
		return fmt.Sprintf("yours is %s", shape(got))
	}, hint}
}

func dimensions(n int) string {
	if n == 1 {
		return "1 dimension"
	}
	return fmt.Sprintf("%d dimensions", n)
}

// sameNumbers is the rule that an array holds the numbers of another, whatever their shapes.
func sameNumbers(of string, want func() *array.Array, hint string) Rule {
	return Rule{"its numbers are those of " + of, func(answer any) string {
		got := answer.(*array.Array)
		if got.Len() != want().Len() || !got.Reshape(-1).Equal(want().Reshape(-1)) {
			return "yours holds others"
		}
		return ""
	}, hint}
}

// aShape is the rule that the answer is the shape of an array.
func aShape(of, hint string, want ...int) Rule {
	return Rule{"it is the shape of " + of, func(answer any) string {
		if s, ok := answer.(fmt.Stringer); ok && s.String() == shape(want) {
			return ""
		}
		got, ok := answer.([]int)
		if !ok {
			return "yours is " + kind(answer)
		}
		if shape(got) != shape(want) {
			return "yours is " + kind(answer) + ", of another array"
		}
		return ""
	}, hint}
}
