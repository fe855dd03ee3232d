package mistakes

import (
	"fmt"
	"strings"
	"testing"
)

// TestLesson checks what is said of what learners may write into the lesson's gaps. Go's message and its column are what
// GoNB reported of that line.
func TestLesson(t *testing.T) {
	for _, test := range []struct {
		line, message string
		at            string // Go points there
		want          []string
	}{
		{`x := 0.45 × 12`, "illegal character U+00D7 '×'", "×", []string{"The character × means nothing in Go.", "Multiplication is *."}},
		{`n := 13² * 3`, "illegal character U+00B2 '²'", "²", []string{"The square of x is x * x."}},
		{`fmt.Println(“a”)`, "illegal character U+201C '“'", "“", []string{"straight quotation marks"}},
		{`show("predict 12", 0,45*12+8)`, "too many arguments in call to show\n\thave (string, number, number)\n\twant (string, any)", "45", []string{"Decimals begin behind a point: 0.45."}},
		{`add("a", 3, 4)`, "too many arguments in call to add\n\thave (string, number, number)\n\twant (string)", "3", []string{"add wants 1 value (string)"}},
		{`var m = nn.Sequential()`, "not enough arguments in call to nn.Sequential\n\thave ()\n\twant (string, ...\"gopherlens/mlkit/nn\".Layer)", "nn", []string{"nn.Sequential wants 1 value or more (string, ...nn.Layer), and is given no values."}},
		{`var d = m.Add(nn.Dropout{Rate: 0,4})`, "mixture of field:value and value elements in struct literal", "4", []string{"another has none", "Decimals begin behind a point: 0.4."}},
		{`var d = m.Add(nn.Dense{Units: 10, "relu"})`, "mixture of field:value and value elements in struct literal", `"relu"`, []string{"Each has one, as in nn.Dense"}},
		{`var c = nn.Conv2D{KernelSize: {3, 3}}`, "missing type in composite literal", "{3", []string{"Before the { stands a type", "nn.Size{3, 3}"}},
		{`var d = nn.Dropout{40%}`, "expected operand, found '}'", "}", []string{"% is the rest of a division", "40 % is that divided by 100"}},
		{`var m = nn.Sequential{"digits"}`, "nn.Sequential (value of type func(name string, layers ...nn.Layer) *nn.Model) is not a type", "nn", []string{"nn.Sequential is a function: it is called with parentheses."}},
		{`var n = x / 255`, "invalid operation: x / 255 (mismatched types *array.Array and untyped int)", "x / 255", []string{"do not compute with arrays", "Its method does: x.Div(255)."}},
		{`var n = x.Sub(x.Min()) / (x.Max() - 1)`, "invalid operation: x.Sub(x.Min()) / (x.Max() - 1) (mismatched types *array.Array and float64)", "x.Sub", []string{"An array has methods for that"}},
		{`var n = a - b`, "invalid operation: operator - not defined on a (variable of type *array.Array)", "a -", []string{"Its method does: a.Sub(…)."}},
		{`var n = a.Div(a.Max - a.Min)`, "invalid operation: operator - not defined on a.Max (value of type func() float64)", "a.Max", []string{"a.Max is a function, and it is not called here.", "a.Max()."}},
		{`if iou > limit {`, "invalid operation: iou > limit (mismatched types func(a detection.Box, b detection.Box) float64 and float64)", "iou >", []string{"iou is a function", "iou(…)"}},
		{`if limit < iou {`, "invalid operation: limit < iou (mismatched types float64 and func(a detection.Box, b detection.Box) float64)", "limit <", []string{"iou is a function", "iou(…)"}},
		{`ok := a == 3`, "invalid operation: a == 3 (mismatched types *array.Array and untyped int)", "a ==", []string{"a.Equal(b)"}},
		{`var n = a.Sub(min)`, "min (built-in) must be called", "min", []string{"min is a function of Go's", "a.Min()"}},
		{`n := len(xTrain)`, "invalid argument: xTrain (variable of type *array.Array) for built-in len", "xTrain", []string{"xTrain.Shape()", "xTrain.Len()"}},
		{`var x = a.Reshape((2, 3))`, "expected ')', found ','", ", 3", []string{"Go has no tuples.", "a.Reshape(2, 3)"}},
		{`var x = a.Reshape[2, 3]`, "expected type, found 2", "2,", []string{"stands in parentheses"}},
		{`var f = a.Reshape[]`, "expected type, found ']'", "]", []string{"stands in parentheses"}},
		{`return a.Class = b.Class`, "expected '==', found '='", "=", []string{"To compare, write ==."}},
		{`if a > 3 list = append(list, a)`, "expected ';', found list", "list", []string{"A { is missing in this line.", "What belongs to if stands in braces."}},
	} {
		column := strings.Index(test.line, test.at) + 1
		text := Explain(Failure{Cell: "%%\n" + test.line, Number: 1, Name: "ERROR",
			Value:     fmt.Sprintf("# gonb_00000000\n./main.go:5:%d: %s\n", column, test.message),
			Traceback: []string{"", "Cell[1]: Line 2\n\n" + test.line + "\n" + strings.Repeat(" ", column-1) + "^\n\n" + strings.Split(test.message, "\n")[0]},
		}).Text()
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: got\n%s\nwant %q in it", test.line, text, want)
			}
		}
	}
}
